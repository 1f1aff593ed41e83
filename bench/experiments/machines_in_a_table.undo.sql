drop table if exists bench.transitions;
