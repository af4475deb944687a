-- What arrived, in blocks of 128 arrivals, and how it stands in its series. Needs FACTS and ENTRIES (families).
local BLOCK = 128

local function fact(seq) return redis.call('HGET', FACTS .. math.floor(seq / BLOCK), seq % BLOCK) end

local function set_fact(seq, amount, rest)
  if rest ~= '' then amount = amount .. ' ' .. rest end
  redis.call('HSET', FACTS .. math.floor(seq / BLOCK), seq % BLOCK, amount)
end

local function drop_fact(seq) redis.call('HDEL', FACTS .. math.floor(seq / BLOCK), seq % BLOCK) end

-- How an entry stands in the sorted set of its series.
local function member(seq, amount) return string.format('%010x:%s', seq, amount) end

-- When an entry is, in ms; false where there is no such entry.
local function time_of(series, seq)
  local text = fact(seq)
  return text and redis.call('ZSCORE', ENTRIES .. series, member(seq, string.match(text, '^%-?%d+')))
end
