-- Read a sorted set from after a place in it, which may be among members of equal score.
-- A script, because no command begins there, and an offset is another one as soon as a member comes or goes.
-- flags: no-writes
--
-- KEYS  sorted set  rows
-- ARGV  command     "ZREVRANGEBYSCORE" for the newest first, or "ZRANGEBYSCORE"
--       score       of the place
--       text        where it is among the members of that score: those that precede it lie on one side of the place
--       last        score wanted
--       most        members
-- Returns  members with their scores
-- include: list_order

local offset = count_passed(keys.rows, args.score, args.text, args.command == 'ZREVRANGEBYSCORE')
return redis.call(args.command, keys.rows, args.score, args.last, 'WITHSCORES', 'LIMIT', offset, args.most)
