-- What an alert about an anomaly adds to those before it. The alerts of an anomaly are numbered; some may be missing.
-- `keys` has what parts/alerts.lua needs.
-- include: alerts
local CANCELLED, WITHDRAWN, WORSE_BY = 'cancelled', 'withdrawn', 2

-- Return the kind of an alert, its impact, and whether nobody has seen it; nothing if it does not count any more.
local function read_alert(keys, id)
  local status, attempts, body = unpack(redis.call('HMGET', keys.alert .. id, 'status', 'attempts', 'body'))
  if not status or status == CANCELLED then return end
  local told = cjson.decode(body)
  local impact = type(told.content) == 'table' and told.content.impact or 0
  return told.kind, impact, (status == 'pending' or status == 'no destination') and attempts == '0'
end

local function cancel(keys, id)
  set_alert_status(keys, id, CANCELLED)
  clear_due(keys, id, destination_of(keys, id))
end

-- Cancel the unseen alerts since the last withdrawal; returns whether another one was seen, or may have been.
local function is_known(keys, anomaly, number)
  local known = false
  for before = number - 1, 1, -1 do
    local id = anomaly .. '-' .. before
    local kind, _, unseen = read_alert(keys, id)
    if kind == WITHDRAWN then return known end
    if kind and unseen then cancel(keys, id) end
    known = known or (kind and not unseen) or false
  end
  return known
end

-- Cancel an unseen withdrawal: what was sent before it holds again; returns false where there is none, or if it was less.
local function still_holds(keys, anomaly, number, body)
  local withdrawal
  for before = number - 1, 1, -1 do
    local id = anomaly .. '-' .. before
    local kind, impact, unseen = read_alert(keys, id)
    if kind == WITHDRAWN and unseen and not withdrawal then
      withdrawal = id
    elseif kind then
      local more = cjson.decode(body).content.impact >= WORSE_BY * impact
      if not withdrawal or kind == WITHDRAWN or more then return false end
      cancel(keys, withdrawal)
      return true
    end
  end
  return false
end

-- Return whether an alert is to be raised: a withdrawal if what it withdraws was seen, another one if it is not known.
-- Unseen alerts that it contradicts are cancelled.
local function is_news(keys, anomaly, number, kind, body)
  if kind == WITHDRAWN then return is_known(keys, anomaly, number) end
  return kind ~= 'opened' or not still_holds(keys, anomaly, number, body)
end
