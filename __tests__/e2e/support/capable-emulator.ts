import { join } from "node:path";

/**
 * Teaches the emulators that this process starts from now on the updates in place that they do not know. Without them
 * Terraform could plan a taking over of the documented layout, and not apply it.
 */
export function teachEmulator(): void {
  const folder = join(__dirname, "emulator-updates");
  process.env.PYTHONPATH = [folder, process.env.PYTHONPATH].filter(Boolean).join(":");
}
