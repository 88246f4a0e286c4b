// Loaded before the program that is measured: at its end it writes down what only the process itself knows.
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const usage = { peakKilobytes: maxRSS, cpuMicroseconds: userCPUTime + systemCPUTime };
  writeFileSync(process.env.BENCH_USAGE_FILE, JSON.stringify(usage));
});
