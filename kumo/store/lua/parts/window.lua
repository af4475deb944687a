-- The window of a series and its exact moments, read once and written once in each call; kumo.domain.moments has the
-- arithmetic.
-- Moments are n, the sums of a, b and c, and the five sums of x^2 from the highest digit down, as one text: the feed
-- contains this text, and one text is read and written in half the time of nine fields.
-- include: split_amount

-- Return the values that `window` needs: the keys entries and moments (families), and the size of a window as text.
local function open_windows(keys, size)
  return {entries = keys.entries, moments = keys.moments, size = size, by_series = {}}
end

-- Add an amount to the moments (sign 1) or subtract it (sign -1).
-- Each product is below 3*10^12 and a window holds at most 1,000 entries, so every sum stays below 2^53.
local function weigh(w, amount, sign)
  local a, b, c = split_amount(amount)
  local m = w.moments
  m[1] = m[1] + sign
  m[2], m[3], m[4] = m[2] + sign * a, m[3] + sign * b, m[4] + sign * c
  m[5] = m[5] + sign * a * a
  m[6] = m[6] + sign * 2 * a * b
  m[7] = m[7] + sign * (2 * a * c + b * b)
  m[8] = m[8] + sign * 2 * b * c
  m[9] = m[9] + sign * c * c
  w.text, w.changed = nil, true
end

-- Return the window of a series: its moments and how many entries the series has.
local function window(windows, series)
  local w = windows.by_series[series]
  if w then return w end
  w = {key = windows.entries .. series, size = tonumber(windows.size), moments = {0, 0, 0, 0, 0, 0, 0, 0, 0}}
  w.entries = redis.call('ZCARD', w.key)
  windows.by_series[series] = w
  local size, text = string.match(redis.call('GET', windows.moments .. series) or '', '^(%d+) (.+)$')
  if size == windows.size then
    local at = 0
    for number in string.gmatch(text, '%S+') do
      at = at + 1
      w.moments[at] = tonumber(number)
    end
    w.text = text
  elseif w.entries > 0 then -- the setting has changed: the window is summed again, once
    for _, m in ipairs(redis.call('ZREVRANGE', w.key, 0, w.size - 1)) do weigh(w, string.sub(m, 12), 1) end
  end
  return w
end

-- The moments as in the feed.
local function snapshot(w)
  w.text = w.text or string.format('%d %d %d %d %d %d %d %d %d', unpack(w.moments))
  return w.text
end

-- Whether an entry of the series is in its window.
local function is_inside(w, m) return w.entries <= w.size or redis.call('ZREVRANK', w.key, m) < w.size end

local function enter_window(w, timestamp, m)
  redis.call('ZADD', w.key, timestamp, m)
  w.entries = w.entries + 1
  if not is_inside(w, m) then return end
  weigh(w, string.sub(m, 12), 1)
  if w.entries > w.size then weigh(w, string.sub(redis.call('ZREVRANGE', w.key, w.size, w.size)[1], 12), -1) end
end

-- Remove an entry. If it leaves a full window, the next older one enters.
local function leave_window(w, m)
  if is_inside(w, m) then
    weigh(w, string.sub(m, 12), -1)
    local older = w.entries > w.size and redis.call('ZREVRANGE', w.key, w.size, w.size)[1]
    if older then weigh(w, string.sub(older, 12), 1) end
  end
  redis.call('ZREM', w.key, m)
  w.entries = w.entries - 1
end

local function store_windows(windows)
  for series, w in pairs(windows.by_series) do
    if w.changed then redis.call('SET', windows.moments .. series, windows.size .. ' ' .. snapshot(w)) end
  end
end
