-- The store's own clock, in ms since 1970: leases and due times use no other.
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
