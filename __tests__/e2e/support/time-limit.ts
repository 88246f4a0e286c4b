// Of each step and hook. Far above what one takes: it ends what hangs, and does not measure the machine.
jest.setTimeout(600_000);
