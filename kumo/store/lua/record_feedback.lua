-- Store feedback on an anomaly, and add it to the feed as an arrival of its series.
-- A script, because feedback that is stored but not judged, or judged twice, would give a wrong state.
--
-- KEYS  strings    seq, wake, closed
--       stream     pending
--       hash       feedback
-- ARGV  anomaly    its id
--       said       JSON of the feedback, with its `word`, or "" to take it back
--       arrival    as in record.lua, without its mark
--       forgiving  the words that forgive, with a space before and after each
--       wake_ms    how long the wake flag lives
-- Returns  1 if a judge must be woken, else 0; 0, without any write, if there is nothing to take back;
--          the error RESTORING, without any write, during a restore
-- include: clock
local FEEDBACK, TAKEN_BACK, WITHOUT_EFFECT = 'f', 'u', 'w'

if redis.call('EXISTS', keys.closed) == 1 then return redis.error_reply('RESTORING A restore fills the store.') end
local before = redis.call('HGET', keys.feedback, args.anomaly)
if args.said == '' and not before then return 0 end
local function forgives(said)
  return said and said ~= '' and string.find(args.forgiving, ' ' .. cjson.decode(said).word .. ' ', 1, true)
end

if args.said == '' then
  redis.call('HDEL', keys.feedback, args.anomaly)
else
  redis.call('HSET', keys.feedback, args.anomaly, args.said)
end
-- Repeated forgiving feedback does not lower the score a second time.
local was, is = forgives(before), forgives(args.said)
local mark = is and not was and FEEDBACK or was and not is and TAKEN_BACK or WITHOUT_EFFECT
local head = tonumber(redis.call('GET', keys.seq) or '0') + 1
redis.call('XADD', keys.pending, string.format('%d-0', head), 'r', args.arrival .. ' ' .. mark, 't', now())
redis.call('SET', keys.seq, string.format('%d', head))
return redis.call('SET', keys.wake, '1', 'NX', 'PX', args.wake_ms) and 1 or 0
