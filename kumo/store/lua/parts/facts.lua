-- What arrived, in blocks of 128 arrivals. Needs FACTS (family).
local BLOCK = 128

local function fact(seq) return redis.call('HGET', FACTS .. math.floor(seq / BLOCK), seq % BLOCK) end

local function set_fact(seq, timestamp, amount, rest)
  local text = timestamp .. ' ' .. amount
  if rest ~= '' then text = text .. ' ' .. rest end
  redis.call('HSET', FACTS .. math.floor(seq / BLOCK), seq % BLOCK, text)
end
