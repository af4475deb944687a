-- What a commit changes of things: series, and groups that have their home here.
local DAYS_OF_BLOCK = 256

local function set_or_delete(key, field, value)
  if value == '' then redis.call('HDEL', key, field) else redis.call('HSET', key, field, value) end
end

-- Note how far the costs of providers have come; only forward. Of one day, that of a bill stands.
local function note_progress(progress, rows)
  for _, row in ipairs(rows) do
    local day, bill = string.match(redis.call('HGET', progress, row.provider) or '-1 0', '^(%S+) (%S+)')
    if tonumber(row.day) > tonumber(day) or (row.day == day and bill == '0') then
      redis.call('HSET', progress, row.provider, row.day .. ' ' .. row.bill)
    end
  end
end

-- Write verdicts on hours; they are kept for 36 days.
local function store_hours(periods, rows)
  for _, row in ipairs(rows) do
    local block = math.floor(row.hour / DAYS_OF_BLOCK)
    local key = periods .. row.series .. ':h' .. block
    set_or_delete(key, row.hour % DAYS_OF_BLOCK, row.packed)
    redis.call('EXPIREAT', key, ((block + 1) * DAYS_OF_BLOCK + 36 * 24) * 3600)
  end
end

-- Write the rows of things, the verdicts on their totals, their episodes, and what is left to fold. Uses the keys things,
-- unfolded, progress, hourly, version and the families periods and episodes.
local function store_things(keys, args)
  for _, row in ipairs(args.rows) do set_or_delete(keys.things, row.thing, row.packed) end
  for _, row in ipairs(args.periods) do
    local key = keys.periods .. row.thing .. ':' .. math.floor(row.day / DAYS_OF_BLOCK)
    set_or_delete(key, row.day % DAYS_OF_BLOCK, row.packed)
  end
  for _, row in ipairs(args.episodes) do
    if row.last == '' then
      redis.call('ZREM', keys.episodes .. row.thing, row.anomaly)
    else
      redis.call('ZADD', keys.episodes .. row.thing, row.last, row.anomaly)
    end
  end
  for _, row in ipairs(args.touched) do redis.call('ZADD', keys.unfolded, 'LT', row.day, row.thing) end
  for _, row in ipairs(args.folded) do
    redis.call('ZREM', keys.unfolded, row.thing)
    if row.left ~= '' then redis.call('ZADD', keys.unfolded, row.left, row.thing) end
  end
  for _, row in ipairs(args.hourly) do set_or_delete(keys.hourly, row.series, row.packed) end
  store_hours(keys.periods, args.hours)
  note_progress(keys.progress, args.progress)
  if #args.rows + #args.periods + #args.folded > 0 then redis.call('INCR', keys.version) end
end
