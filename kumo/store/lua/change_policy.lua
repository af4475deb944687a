-- Keep or remove a policy, where the one of its name is as the writer expects.
-- A script, because two may write at once: one must see what the other wrote, and there is an end to how many there are.
--
-- KEYS[1]  hash  policies
-- ARGV[1]  name of the policy
-- ARGV[2]  its JSON, or "" to remove it
-- ARGV[3]  how many policies there may be
-- ARGV[4]  "", or JSON of the revisions of which it has to have one: SHA-1 of what is kept, or "*" for any
-- ARGV[5]  "", or JSON of those of which it must have none
-- Returns  "done"; or, having written nothing, "missing" where there is none to remove, "unexpected" where it is another
--          than expected, "full" where there are as many as there may be
local NAME, TEXT = ARGV[1], ARGV[2]
local before = redis.call('HGET', KEYS[1], NAME)
local revision = before and redis.sha1hex(before)

local function is_among(revisions)
  for _, each in ipairs(cjson.decode(revisions)) do
    if before and (each == '*' or each == revision) then return true end
  end
  return false
end

if TEXT == '' and not before then return 'missing' end
if ARGV[4] ~= '' and not is_among(ARGV[4]) then return 'unexpected' end
if ARGV[5] ~= '' and is_among(ARGV[5]) then return 'unexpected' end
if TEXT == '' then
  redis.call('HDEL', KEYS[1], NAME)
  return 'done'
end
if not before and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 'full' end
redis.call('HSET', KEYS[1], NAME, TEXT)
return 'done'
