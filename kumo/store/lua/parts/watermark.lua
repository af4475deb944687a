-- How far the retention has reached: days before the watermark may have lost entries that the roll-ups
-- still count. Nothing is written or removed there any more, because it would count twice.
local function read_watermark(retention) return tonumber(redis.call('GET', retention) or '0') end
