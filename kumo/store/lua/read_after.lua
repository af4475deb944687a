-- Read a sorted set from after a place, which may be among members with equal scores.
-- A script, because no command starts there, and an offset shifts when a member is added or removed.
-- flags: no-writes
--
-- KEYS  sorted set  rows
-- ARGV  command     "ZREVRANGEBYSCORE" for the newest first, or "ZRANGEBYSCORE"
--       score       of the place
--       text        the place among the members of that score: members before this text are on one side
--       last        wanted score
--       most        members
-- Returns  members with their scores
-- include: list_order

local offset = count_passed(keys.rows, args.score, args.text, args.command == 'ZREVRANGEBYSCORE')
return redis.call(args.command, keys.rows, args.score, args.last, 'WITHSCORES', 'LIMIT', offset, args.most)
