-- The places of details and verdicts (see kumo.store.blocks).
-- An entry is in a block of 128 arrivals. An entry from a store with other partitions is in a block of its
-- series, because several series may have the same numbers.
local BLOCK, SERIES_BLOCK = 128, 1024

-- Return the value that `place` needs. `moved` is the key of the number up to which entries came from another store.
local function open_blocks(moved) return {moved_key = moved} end

-- Return the hash of a family, and the field in it, for an entry.
local function place(blocks, family, series, seq)
  if not blocks.moved then blocks.moved = tonumber(redis.call('GET', blocks.moved_key) or '0') end
  if tonumber(seq) > blocks.moved then return family .. math.floor(seq / BLOCK), seq % BLOCK end
  return family .. series .. ':' .. math.floor(seq / SERIES_BLOCK), seq % SERIES_BLOCK
end
