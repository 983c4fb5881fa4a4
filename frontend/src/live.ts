/**
 * A subscription that outlives restarts of Home Assistant.
 *
 * The library's own renewal may ask before custom integrations are set up, is refused
 * as an unknown command, and never asks again. This one asks until it is answered, also
 * for a lock that is not found: its project may still be starting.
 */

import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Connection } from "./types";

export type LiveState = "waiting" | "live" | "lost" | "unauthorized";

const LONGEST_PAUSE = 5000;

export class Live<Message> implements ReactiveController {
  state: LiveState = "waiting";

  #connection: Connection | undefined;
  #command: Record<string, unknown> | undefined;
  /** Counts attempts: what an older one still brings is not for us. */
  #attempt = 0;
  #unsubscribe: (() => Promise<void>) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pause = 1000;

  /** `onMessage` learns whether a message is the first of a subscription. */
  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly onMessage: (message: Message, first: boolean) => void,
  ) {
    host.addController(this);
  }

  /** Follow a command; nothing to do if it is followed already. */
  watch(connection: Connection, command: Record<string, unknown> | undefined): void {
    if (
      connection === this.#connection &&
      JSON.stringify(command) === JSON.stringify(this.#command)
    ) {
      return;
    }
    this.#release();
    this.#connection = connection;
    this.#command = command;
    this.#start();
  }

  hostConnected(): void {
    this.#start();
  }

  hostDisconnected(): void {
    this.#release();
  }

  #start(): void {
    if (!this.#connection || !this.#command) {
      return;
    }
    this.#connection.addEventListener("ready", this.#onReady);
    this.#connection.addEventListener("disconnected", this.#onDisconnected);
    this.#set("waiting");
    if (this.#connection.connected) {
      void this.#subscribe();
    }
  }

  #release(): void {
    this.#connection?.removeEventListener("ready", this.#onReady);
    this.#connection?.removeEventListener("disconnected", this.#onDisconnected);
    this.#cancel();
  }

  /** End what runs or is planned. */
  #cancel(): void {
    this.#attempt++;
    clearTimeout(this.#timer);
    const unsubscribe = this.#unsubscribe;
    this.#unsubscribe = undefined;
    // A closed connection has no subscription to end.
    unsubscribe?.().catch(() => undefined);
  }

  /**
   * A new connection numbers its messages from 1 again. Home Assistant's sidebar then ends
   * its subscription by the old number, which must not be the number of this one by then:
   * wait until the sidebar has rendered.
   */
  readonly #onReady = (): void => {
    // For the same reason, leave the old subscription alone. The library does not always
    // call every listener when the connection is lost.
    this.#unsubscribe = undefined;
    this.#cancel();
    this.#pause = 1000;
    this.#timer = setTimeout(() => void this.#subscribe());
  };

  readonly #onDisconnected = (): void => {
    this.#attempt++;
    clearTimeout(this.#timer);
    this.#unsubscribe = undefined;
    this.#set("lost");
  };

  async #subscribe(): Promise<void> {
    const attempt = ++this.#attempt;
    let first = true;
    try {
      const unsubscribe = await this.#connection!.subscribeMessage(
        (message: Message) => {
          if (attempt === this.#attempt) {
            const isFirst = first;
            first = false;
            this.#pause = 1000;
            this.onMessage(message, isFirst);
            this.#set("live");
          }
        },
        // The library writes the id of the message into it.
        { ...this.#command },
        { resubscribe: false },
      );
      if (attempt === this.#attempt) {
        this.#unsubscribe = unsubscribe;
      } else {
        unsubscribe().catch(() => undefined);
      }
    } catch (err) {
      if (attempt === this.#attempt) {
        this.#refused((err as { code?: unknown } | null)?.code);
      }
    }
  }

  #refused(code: unknown): void {
    if (code === "unauthorized") {
      this.#set(code);
      return;
    }
    this.#timer = setTimeout(() => void this.#subscribe(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  #set(state: LiveState): void {
    this.state = state;
    this.host.requestUpdate();
  }
}
