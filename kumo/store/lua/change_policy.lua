-- Store or remove a policy, if the one with its name is still as the writer expects.
-- A script, because two clients may write at once: one must see the change of the other, and the number is limited.
--
-- KEYS  hash     policies
-- ARGV  name     of the policy
--       text     its JSON, or "" to remove it
--       most     largest number of policies
--       one_of   "", or JSON of the revisions of which it must have one: SHA-1 of the stored text, or "*" for any
--       none_of  "", or JSON of the revisions of which it must have none
-- Returns  "done"; or, without any write, "missing" if there is none to remove, "unexpected" if it is not as
--          expected, "full" if the largest number is reached

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
