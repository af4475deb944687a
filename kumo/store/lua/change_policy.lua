-- Keep or remove a policy, where the one of its name is as the writer expects.
-- A script, because two may write at once: one must see what the other wrote, and there is an end to how many there are.
--
-- KEYS  hash     policies
-- ARGV  name     of the policy
--       text     its JSON, or "" to remove it
--       most     how many policies there may be
--       one_of   "", or JSON of the revisions of which it has to have one: SHA-1 of what is kept, or "*" for any
--       none_of  "", or JSON of those of which it must have none
-- Returns  "done"; or, having written nothing, "missing" where there is none to remove, "unexpected" where it is another
--          than expected, "full" where there are as many as there may be

local before = redis.call('HGET', keys.policies, args.name)
local revision = before and redis.sha1hex(before)

local function is_among(revisions)
  for _, each in ipairs(cjson.decode(revisions)) do
    if before and (each == '*' or each == revision) then return true end
  end
  return false
end

if args.text == '' and not before then return 'missing' end
if args.one_of ~= '' and not is_among(args.one_of) then return 'unexpected' end
if args.none_of ~= '' and is_among(args.none_of) then return 'unexpected' end
if args.text == '' then
  redis.call('HDEL', keys.policies, args.name)
  return 'done'
end
if not before and redis.call('HLEN', keys.policies) >= tonumber(args.most) then return 'full' end
redis.call('HSET', keys.policies, args.name, args.text)
return 'done'
