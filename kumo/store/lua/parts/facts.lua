-- What arrived, in blocks of 128 arrivals. Needs FACTS (family).
local BLOCK = 128

local function fact(seq) return redis.call('HGET', FACTS .. math.floor(seq / BLOCK), seq % BLOCK) end

local function set_fact(seq, amount, rest)
  if rest ~= '' then amount = amount .. ' ' .. rest end
  redis.call('HSET', FACTS .. math.floor(seq / BLOCK), seq % BLOCK, amount)
end
