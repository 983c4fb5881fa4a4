import type { ReactiveController } from "lit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Live } from "../src/live";
import { FakeConnection } from "./support";

const COMMAND = { type: "tuya_lock_users/subscribe" };

const follow = (connection: FakeConnection) => {
  const messages: [unknown, boolean][] = [];
  const controllers: ReactiveController[] = [];
  const live = new Live<unknown>(
    {
      addController: (controller) => controllers.push(controller),
      removeController: () => undefined,
      requestUpdate: () => undefined,
      updateComplete: Promise.resolve(true),
    },
    (message, first) => messages.push([message, first]),
  );
  live.watch(connection, COMMAND);
  return { live, messages };
};

const settle = () => vi.advanceTimersByTimeAsync(0);

describe("a live subscription", () => {
  let connection: FakeConnection;

  beforeEach(() => {
    vi.useFakeTimers();
    connection = new FakeConnection();
  });

  afterEach(() => vi.useRealTimers());

  test("is live with the first message, also an empty one", async () => {
    const { live, messages } = follow(connection);
    await settle();
    expect(live.state).toBe("waiting");
    connection.open("subscribe").send({ locks: [] });
    expect(live.state).toBe("live");
    connection.open("subscribe").send({ locks: [1] });
    expect(messages).toEqual([
      [{ locks: [] }, true],
      [{ locks: [1] }, false],
    ]);
  });

  test("asks again until the integration is set up after a restart", async () => {
    const { live, messages } = follow(connection);
    await settle();
    connection.open("subscribe").send(1);
    connection.fire("disconnected");
    expect(live.state).toBe("lost");
    connection.subscriptions[0]!.send("late");

    connection.refusals = [
      ...Array.from({ length: 3 }, () => ({ code: "unknown_command" })),
      // Its project is starting.
      ...Array.from({ length: 3 }, () => ({ code: "not_found" })),
    ];
    connection.fire("ready");
    // 1, 2, 4, 5, 5, and 5 seconds.
    await vi.advanceTimersByTimeAsync(21_999);
    expect(connection.subscriptions).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    connection.open("subscribe").send(2);
    expect(live.state).toBe("live");
    expect(messages).toEqual([
      [1, true],
      [2, true],
    ]);
  });

  test("does not insist where it is not allowed", async () => {
    connection.refusals = [{ code: "unauthorized" }];
    const { live } = follow(connection);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(live.state).toBe("unauthorized");
    expect(connection.subscriptions).toHaveLength(0);
  });

  test("what arrives late for another command is dropped and ended", async () => {
    let release = (): void => undefined;
    connection.gate = new Promise((resolve) => (release = resolve));
    const { live, messages } = follow(connection);
    live.watch(connection, { type: "tuya_lock_users/subscribe_lock", lock_id: "a" });
    connection.subscriptions[0]!.send("of the first");
    release();
    await settle();
    expect(messages).toEqual([]);
    expect(connection.subscriptions.map(({ ended }) => ended)).toEqual([true, false]);
  });

  test("leaves nothing behind, and starts again with its element", async () => {
    const { live } = follow(connection);
    await settle();
    live.hostDisconnected();
    expect(connection.listening).toBe(0);
    expect(connection.subscriptions[0]!.ended).toBe(true);
    live.hostConnected();
    await settle();
    expect(connection.open("subscribe").command).toMatchObject(COMMAND);
    live.watch(connection, COMMAND);
    expect(connection.subscriptions).toHaveLength(2);
    live.watch(connection, undefined);
    expect(connection.listening).toBe(0);
  });

  test("is not ended by the number of a subscription of the old connection", async () => {
    follow(connection);
    await settle();
    // As the sidebar of Home Assistant does, once it has rendered.
    connection.addEventListener("ready", () =>
      queueMicrotask(() => connection.subscriptions.forEach((each) => (each.ended = true))),
    );
    connection.fire("disconnected");
    connection.fire("ready");
    await settle();
    expect(connection.subscriptions.map(({ ended }) => ended)).toEqual([true, false]);
  });

  test("ends nothing of an old connection, even if it did not see its end", async () => {
    follow(connection);
    await settle();
    connection.fire("ready");
    await settle();
    expect(connection.subscriptions.map(({ ended }) => ended)).toEqual([false, false]);
  });

  test("waits for a connection that is not there yet", async () => {
    connection.connected = false;
    const { live } = follow(connection);
    await settle();
    expect(connection.subscriptions).toHaveLength(0);
    connection.fire("ready");
    await settle();
    connection.open("subscribe").send(1);
    expect(live.state).toBe("live");
  });
});
