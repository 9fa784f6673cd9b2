// The states seen so far: an open hash table from 64 bits to a running number.

export class StateTable {
  private low = new Int32Array(1 << 14);
  private high = new Int32Array(1 << 14);
  private ids = new Int32Array(1 << 14).fill(-1);
  size = 0;

  /** The number of this state; a new one if it equals `size` before. */
  add(low: number, high: number): number {
    const mask = this.ids.length - 1;
    let at = (low ^ (high >>> 7)) & mask;
    for (; this.ids[at]! >= 0; at = (at + 1) & mask) {
      if (this.low[at] === low && this.high[at] === high) return this.ids[at]!;
    }
    this.low[at] = low;
    this.high[at] = high;
    const id = this.size++;
    this.ids[at] = id;
    if (this.size * 2 > this.ids.length) this.grow();
    return id;
  }

  private grow(): void {
    const [low, high, ids] = [this.low, this.high, this.ids];
    const length = ids.length * 2;
    this.low = new Int32Array(length);
    this.high = new Int32Array(length);
    this.ids = new Int32Array(length).fill(-1);
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      if (id < 0) continue;
      let at = (low[i]! ^ (high[i]! >>> 7)) & (length - 1);
      while (this.ids[at]! >= 0) at = (at + 1) & (length - 1);
      this.low[at] = low[i]!;
      this.high[at] = high[i]!;
      this.ids[at] = id;
    }
  }
}
