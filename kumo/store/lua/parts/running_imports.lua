-- Running imports: the retention does not touch their days, because some of their entries may still be written.
-- include: clock
local LONGEST_MS = 7 * 86400000

-- Return a bound of the retention, or the start of the first day of an import if that is earlier. An import that
-- has not ended within a week no longer counts. `importing` is the hash of running imports.
local function limit_to_running(importing, bound)
  local found = redis.call('HGETALL', importing)
  for at = 1, #found, 2 do
    local since, begun = string.match(found[at + 1], '^(%d+) (%d+)$')
    if now() - begun < LONGEST_MS then
      bound = math.min(bound, tonumber(since))
    else
      redis.call('HDEL', importing, found[at])
    end
  end
  return bound
end
