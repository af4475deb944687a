-- Keep what a person says of an anomaly, and feed it to the judge as an arrival of its series.
-- A script, because a word that is kept and never judged, or judged twice, would leave the baseline other than it says.
--
-- KEYS[1]  string  seq        KEYS[3]  string  wake
-- KEYS[2]  stream  pending    KEYS[4]  hash    feedback
--                             KEYS[5]  string  closed
-- ARGV[1]  anomaly id
-- ARGV[2]  JSON of what is said, with its `word`, or "" to take back what was
-- ARGV[3]  the arrival, as record.lua writes it, but for its mark
-- ARGV[4]  the words that forgive, with a space before and after each
-- ARGV[5]  milliseconds the wake flag lives
-- Returns  1 where a judge must be woken, else 0; 0 and writes nothing where there is nothing to take back;
--          the error RESTORING and writes nothing while a restore fills the store
-- include: clock
local ANOMALY, SAID, ARRIVAL, FORGIVING = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local FEEDBACK, TAKEN_BACK, WITHOUT_EFFECT = 'f', 'u', 'w'

if redis.call('EXISTS', KEYS[5]) == 1 then return redis.error_reply('RESTORING A restore fills the store.') end
local before = redis.call('HGET', KEYS[4], ANOMALY)
if SAID == '' and not before then return 0 end
local function forgives(said)
  return said and said ~= '' and string.find(FORGIVING, ' ' .. cjson.decode(said).word .. ' ', 1, true)
end

if SAID == '' then redis.call('HDEL', KEYS[4], ANOMALY) else redis.call('HSET', KEYS[4], ANOMALY, SAID) end
-- What forgives again makes nothing calmer a second time.
local was, is = forgives(before), forgives(SAID)
local mark = is and not was and FEEDBACK or was and not is and TAKEN_BACK or WITHOUT_EFFECT
local head = tonumber(redis.call('GET', KEYS[1]) or '0') + 1
redis.call('XADD', KEYS[2], string.format('%d-0', head), 'r', ARRIVAL .. ' ' .. mark, 't', now())
redis.call('SET', KEYS[1], string.format('%d', head))
return redis.call('SET', KEYS[3], '1', 'NX', 'PX', ARGV[5]) and 1 or 0
