/** What has been started and must be ended, in the opposite order. */
export class Endings {
  private readonly endings: (() => unknown)[] = [];
  private ended: Promise<void> = Promise.resolve();

  add(end: () => unknown): void {
    this.endings.push(end);
  }

  /**
   * Ends everything that was added since the last time: a start that is interrupted may still add something before it
   * notices. Whatever fails to end keeps nothing else from ending.
   */
  run(): Promise<void> {
    this.ended = this.ended.then(() => this.endAll());
    return this.ended;
  }

  private async endAll(): Promise<void> {
    for (let end = this.endings.pop(); end !== undefined; end = this.endings.pop()) {
      try {
        await end();
      } catch {
        // There is nobody to tell, and the next one must be ended too.
      }
    }
  }
}
