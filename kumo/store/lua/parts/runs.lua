-- Series with one entry a day: how many of their days have begun since one last had a second entry, at most seven. Where
-- there are seven, the only entry of a day is judged by the total of the day (kumo/engine/totals/single_entries.py).
-- It is counted as entries arrive, so it does not depend on when they are judged.
local RUN_DAYS = 7

-- Return what the functions here need: the key runs (hash).
local function open_runs(key) return {key = key, of_series = {}, changed = {}} end

local function run_of(runs, series)
  local run = runs.of_series[series] or tonumber(redis.call('HGET', runs.key, series) or '0')
  runs.of_series[series] = run
  return run
end

-- Whether the only entry of a day, of `entries` now, is judged by the total.
local function is_single(runs, series, entries) return entries == 1 and run_of(runs, series) == RUN_DAYS end

-- Count a new entry of a day that has `entries` now.
local function count_run(runs, series, entries)
  local run = run_of(runs, series)
  local after = entries > 1 and 0 or math.min(run + 1, RUN_DAYS)
  if after ~= run then
    runs.of_series[series] = after
    runs.changed[series] = after
  end
end

local function store_runs(runs)
  for series, run in pairs(runs.changed) do redis.call('HSET', runs.key, series, run) end
end
