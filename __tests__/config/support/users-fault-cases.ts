import { faultsOf } from "./users";

/** Lines of `users.tfvars` with one fault: its key, its message and its remedy. */
type UsersCase = readonly [title: string, lines: string, key: string, message: RegExp, remedy: RegExp];

/** Each gives its one fault. */
export function testUsersFaults(cases: readonly UsersCase[]): void {
  it.each(cases)("%s", async (_title, lines, key, message, remedy) => {
    const faults = await faultsOf(lines);
    expect(faults.map((fault) => `${fault.key} ${fault.message}`)).toHaveLength(1);
    expect(faults).toMatchObject([
      {
        key: expect.stringContaining(key),
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      },
    ]);
    expect(JSON.stringify(faults)).not.toContain("hunter2");
  });
}
