-- Which series are in which groups, and the names of the groups. Uses the keys members (hash) and groups (family).
local DIMENSIONS = {'all', 'provider', 'account', 'service', 'region', 'account,service'}
local NAMES_OF = {{}, {1}, {2}, {4}, {3}, {2, 4}}
local CURRENCY = 5
-- The place of the provider's group among those of a series.
local PROVIDER = 2

-- Whether a list of names comes before another of the same length, in the order of code points: that of bytes in UTF-8.
-- Lua's own comparison goes by the locale of the server.
local function precedes(names, others)
  for i, name in ipairs(names) do
    for at = 1, math.max(#name, #others[i]) do
      local one, other = string.byte(name, at) or -1, string.byte(others[i], at) or -1
      if one ~= other then return one < other end
    end
  end
  return false
end

-- Count a series in a group that it is new in, and note the names of the group. Of several spellings the first by code points
-- is kept. `provider` is the group of its provider.
local function enter_group(keys, dimension, id, provider, names)
  local key = keys.groups .. dimension
  local before = redis.call('HGET', key, id)
  if not before or precedes(names, cjson.decode(before)) then redis.call('HSET', key, id, cjson.encode(names)) end
  redis.call('HINCRBY', keys.members, id, 1)
  redis.call('HINCRBY', keys.members, id .. ' ' .. provider, 1)
end

-- Note the names of a group that is known already, if they come before those that it has.
local function note_spelling(keys, dimension, id, names)
  local before = redis.call('HGET', keys.groups .. dimension, id)
  if before and precedes(names, cjson.decode(before)) then
    redis.call('HSET', keys.groups .. dimension, id, cjson.encode(names))
  end
end

-- Count a series less in a field of members; returns whether it was the last one.
local function count_out(keys, field)
  return redis.call('HINCRBY', keys.members, field, -1) == 0 and redis.call('HDEL', keys.members, field)
end

-- Take a series out of a group; one without series here is no group of this partition any more.
local function leave_group(keys, dimension, id, provider)
  count_out(keys, id .. ' ' .. provider)
  if count_out(keys, id) then redis.call('HDEL', keys.groups .. dimension, id) end
end

-- Note the groups of a series that is new, those of tags apart.
local function enter_groups(keys, identity)
  local names, _, ids = unpack(cjson.decode(identity))
  for i, id in ipairs(ids) do
    local known = {names[CURRENCY]}
    for _, place in ipairs(NAMES_OF[i]) do known[#known + 1] = names[place] end
    enter_group(keys, DIMENSIONS[i], id, ids[PROVIDER], known)
  end
end

-- Take a series out of its groups, of which these are the ids.
local function leave_groups(keys, ids)
  for i, id in ipairs(ids) do leave_group(keys, DIMENSIONS[i], id, ids[PROVIDER]) end
end
