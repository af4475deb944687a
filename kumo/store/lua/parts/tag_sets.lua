-- The tag sets of a series: to which groups of values of tags its entries belong. A set is a text with an item for each key of
-- tags, separated by spaces: the id of a group, or PLACE=ID,ID… where the entry is split by the values of the key, in the
-- order of its parts at that place. In its details an entry has the number of its set, behind "~".
-- The hash of a series has: number -> text; SHA-1 of the text -> number and how many entries have it; id of a group -> in how
-- many of these sets it is, and its dimension; `last` -> the highest number there was.
-- include: members

-- `digests` holds the SHA-1 of texts, for all series of a call.
local function open_tag_sets(keys, series, digests)
  return {key = keys.tagsets .. series, by_text = {}, texts = {}, digests = digests}
end

local function find_tag_set(sets, text)
  local set = sets.by_text[text]
  if not set then
    sets.digests[text] = sets.digests[text] or redis.sha1hex(text)
    set = {digest = sets.digests[text], change = 0}
    set.number, set.count = string.match(redis.call('HGET', sets.key, set.digest) or '', '^(%d+) (%d+)$')
    set.count = tonumber(set.count or '0')
    sets.by_text[text] = set
  end
  return set
end

-- Return the number of a set, a new one if it has none yet; nil for the empty set.
local function number_tag_set(sets, text)
  if text == '' then return nil end
  local set = find_tag_set(sets, text)
  set.number = set.number or string.format('%d', redis.call('HINCRBY', sets.key, 'last', 1))
  return set.number
end

-- Return the set with a number as an entry has it, the empty one for none.
local function read_tag_set(sets, number)
  if number == '' then return '' end
  sets.texts[number] = sets.texts[number] or redis.call('HGET', sets.key, number) or ''
  return sets.texts[number]
end

local function count_tag_set(sets, text, change)
  local set = find_tag_set(sets, text)
  set.change = set.change + change
end

-- Return the ids of the groups that get all of an entry.
local function read_whole_values(text)
  local ids = {}
  for item in string.gmatch(text, '%S+') do
    if not string.find(item, '=', 1, true) then ids[#ids + 1] = item end
  end
  return ids
end

-- Count a series in the groups of a set that its first entry has, or out of those of one that none has any more.
local function move_series(keys, sets, text, provider, values, change)
  local known = {}
  for id in string.gmatch(string.gsub(text, '%d+=', ''), '[^ ,]+') do
    if not known[id] then
      known[id] = true
      local count, dimension = string.match(redis.call('HGET', sets.key, id) or '', '^(%d+) (.*)$')
      local value = values[id]
      count, dimension = (count or 0) + change, dimension or value.dimension
      if count == 0 then
        redis.call('HDEL', sets.key, id)
        leave_group(keys, dimension, id, provider)
      else
        redis.call('HSET', sets.key, id, string.format('%d %s', count, dimension))
        if count == 1 and change == 1 then enter_group(keys, dimension, id, provider, cjson.decode(value.names)) end
      end
    end
  end
end

-- Take a series out of all groups of tags that it is in.
local function leave_tag_sets(keys, sets, provider)
  local fields = redis.call('HGETALL', sets.key)
  for at = 1, #fields, 2 do
    local dimension = string.match(fields[at + 1], '^%d+ (tag:.*)$')
    if dimension then leave_group(keys, dimension, fields[at], provider) end
  end
  redis.call('DEL', sets.key)
end

-- Write how many entries have which set.
local function store_tag_sets(keys, sets, provider, values)
  for text, set in pairs(sets.by_text) do
    local count = set.count + set.change
    if set.change ~= 0 and count == 0 then
      redis.call('HDEL', sets.key, set.number, set.digest)
      move_series(keys, sets, text, provider, values, -1)
    elseif set.change ~= 0 then
      redis.call('HSET', sets.key, set.digest, string.format('%s %d', set.number, count))
      if set.count == 0 then
        redis.call('HSET', sets.key, set.number, text)
        move_series(keys, sets, text, provider, values, 1)
      end
    end
  end
end
