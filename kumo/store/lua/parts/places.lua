-- Where facts and verdicts stand. Needs MOVED (string, see kumo.store.blocks).
-- An entry stands in a block of 128 arrivals. One that came from a store with other partitions stands in a block of its
-- series, since several series may have come with the same numbers.
local BLOCK, SERIES_BLOCK = 128, 1024
local moved

-- Return the hash of a family, and the field in it, that belong to an entry.
local function place(family, series, seq)
  moved = moved or tonumber(redis.call('GET', MOVED) or '0')
  if tonumber(seq) > moved then return family .. math.floor(seq / BLOCK), seq % BLOCK end
  return family .. series .. ':' .. math.floor(seq / SERIES_BLOCK), seq % SERIES_BLOCK
end
