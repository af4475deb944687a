-- How far the retention has reached: of days before the watermark, which begins one, entries may be gone that the roll-ups
-- still count. Nothing is written or taken out there any more, or it would count twice.
local function read_watermark(retention) return tonumber(redis.call('GET', retention) or '0') end
