-- The details of an entry, and its member in its series.
-- include: blocks

-- Return the values that these functions need: the keys details and entries (families), and the blocks of details.
local function open_details(keys, blocks) return {family = keys.details, entries = keys.entries, blocks = blocks} end

local function read_details(details, series, seq) return redis.call('HGET', place(details.blocks, details.family, series, seq)) end

-- `number` is that of its tag set, nil if it has none.
local function write_details(details, series, seq, amount, rest, number)
  if number then amount = amount .. '~' .. number end
  if rest ~= '' then amount = amount .. ' ' .. rest end
  local key, field = place(details.blocks, details.family, series, seq)
  redis.call('HSET', key, field, amount)
end

local function delete_details(details, series, seq) redis.call('HDEL', place(details.blocks, details.family, series, seq)) end

-- Split the details of an entry into its amount, its rest and the number of its tag set; the last two may be empty.
local function split_details(text)
  local amount, number, rest = string.match(text, '^(%-?%d+)~?(%d*) ?(.*)$')
  return amount, rest, number
end

-- The part of an entry's rest that a restatement keeps: its first line. The second one belongs to the amount.
local function lasting_rest(rest) return string.match(rest, '^[^\n]*') end

-- Return the external id in an entry's rest, nil if it has none; for an entry of a bill also its scope and start.
local function external_id_of(rest)
  if rest == '' then return nil end
  local external = cjson.decode('[' .. lasting_rest(rest) .. ']')[1]
  if type(external) == 'table' then external = external.external_id end
  if external then return external, string.match(external, '^bill:(%x+):(%d+)$') end
end

-- The member of an entry in the sorted set of its series.
local function member(seq, amount) return string.format('%010x:%s', seq, amount) end

-- The time of an entry in ms; false if there is no such entry.
local function time_of(details, series, seq)
  local text = read_details(details, series, seq)
  return text and redis.call('ZSCORE', details.entries .. series, member(seq, (split_details(text))))
end
