-- What arrived, and how it stands in its series. Needs FACTS and ENTRIES (families), and places.

local function fact(series, seq) return redis.call('HGET', place(FACTS, series, seq)) end

local function set_fact(series, seq, amount, rest)
  if rest ~= '' then amount = amount .. ' ' .. rest end
  local key, field = place(FACTS, series, seq)
  redis.call('HSET', key, field, amount)
end

-- What stays of an entry's rest when it is restated: its first line. The second one goes with the amount.
local function kept(rest) return string.match(rest, '^[^\n]*') end

local function drop_fact(series, seq) redis.call('HDEL', place(FACTS, series, seq)) end

-- How an entry stands in the sorted set of its series.
local function member(seq, amount) return string.format('%010x:%s', seq, amount) end

-- When an entry is, in ms; false where there is no such entry.
local function time_of(series, seq)
  local text = fact(series, seq)
  return text and redis.call('ZSCORE', ENTRIES .. series, member(seq, string.match(text, '^%-?%d+')))
end
