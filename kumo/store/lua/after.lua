-- Read a sorted set from after a place in it, which may be among members of equal score.
-- A script, because no command begins there, and an offset is another one as soon as a member comes or goes.
-- flags: no-writes
--
-- KEYS[1]  sorted set
-- ARGV[1]  "ZREVRANGEBYSCORE" for the newest first, or "ZRANGEBYSCORE"
-- ARGV[2]  score of the place
-- ARGV[3]  text where it is among the members of that score: those that precede it lie on one side of the place
-- ARGV[4]  last score wanted
-- ARGV[5]  most members
-- Returns  members with their scores
-- include: ties

local offset = passed(KEYS[1], ARGV[2], ARGV[3], ARGV[1] == 'ZREVRANGEBYSCORE')
return redis.call(ARGV[1], KEYS[1], ARGV[2], ARGV[4], 'WITHSCORES', 'LIMIT', offset, ARGV[5])
