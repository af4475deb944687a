-- Replace the census of a partition: which of the groups with their home here are judged.
-- A script, because a judge that folds by the old census must not commit, and what is judged from now on must be folded.
--
-- KEYS  hash        census
--       sorted set  unfolded
--       string      version
-- ARGV  judged      ids of groups, with a space between them
--       others      ids of groups that are not judged, likewise
-- Returns  how many groups are judged now and were not before; -1, without any write, if nothing is different

local before, after, changes, begun = {}, {}, 0, 0
local fields = redis.call('HGETALL', keys.census)
for at = 1, #fields, 2 do before[fields[at]] = fields[at + 1] end

local function set(ids, mark)
  for id in string.gmatch(ids, '%S+') do
    after[id] = true
    if before[id] ~= mark then
      changes = changes + 1
      redis.call('HSET', keys.census, id, mark)
      if mark == '1' then
        begun = begun + 1
        redis.call('ZADD', keys.unfolded, 0, id)
      end
    end
  end
end

set(args.judged, '1')
set(args.others, '0')
for id in pairs(before) do
  if not after[id] then changes = changes + redis.call('HDEL', keys.census, id) end
end
if changes == 0 then return -1 end
redis.call('INCR', keys.version)
return begun
