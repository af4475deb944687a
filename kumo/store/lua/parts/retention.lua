-- How far the retention has reached: of days before the watermark, which begins one, entries may be gone that the roll-ups
-- still count. Nothing is written or taken out there any more, or it would count twice. Needs RETENTION (string).
local watermark = tonumber(redis.call('GET', RETENTION) or '0')

local function is_past(timestamp) return tonumber(timestamp) < watermark end
