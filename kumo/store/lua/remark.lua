-- Keep what a person says of an anomaly, and feed it to the judge as an arrival of its series.
-- A script, because a word that is kept and never judged, or judged twice, would leave the baseline other than it says.
--
-- KEYS[1]  string  seq        KEYS[3]  string  wake
-- KEYS[2]  stream  pending    KEYS[4]  hash    feedback
-- ARGV[1]  anomaly id
-- ARGV[2]  JSON of what is said, with its `word`
-- ARGV[3]  the arrival, as record.lua writes it, but for its mark
-- ARGV[4]  its mark
-- ARGV[5]  milliseconds the wake flag lives
-- Returns  1 where a judge must be woken, else 0
-- include: clock
local WITHOUT_EFFECT = 'w'

local before = redis.call('HGET', KEYS[4], ARGV[1])
local said = before and cjson.decode(before).word
redis.call('HSET', KEYS[4], ARGV[1], ARGV[2])
-- The same word again is the same feedback: it makes nothing calmer a second time.
local mark = said == cjson.decode(ARGV[2]).word and WITHOUT_EFFECT or ARGV[4]
local head = tonumber(redis.call('GET', KEYS[1]) or '0') + 1
redis.call('XADD', KEYS[2], string.format('%d-0', head), 'r', ARGV[3] .. ' ' .. mark, 't', now())
redis.call('SET', KEYS[1], string.format('%d', head))
return redis.call('SET', KEYS[3], '1', 'NX', 'PX', ARGV[5]) and 1 or 0
