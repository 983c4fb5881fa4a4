/** A Home Assistant without a server: texts, actions, and a connection to push with. */

import en from "../../custom_components/tuya_lock_users/translations/en.json";
import type {
  Connection,
  Feed,
  HomeAssistant,
  Locale,
  Lock,
  LockMessage,
  Localize,
  Method,
  Project,
  Schedule,
  User,
} from "../src/types";
import { Words } from "../src/words";

const lookup = (path: string[]): string => {
  let node: unknown = en;
  for (const part of path) {
    node = (node as Record<string, unknown> | undefined)?.[part];
  }
  return typeof node === "string" ? node : "";
};

export const localize: Localize = (key, placeholders = {}) =>
  lookup(key.split(".").slice(2)).replace(/\{(\w+)\}/g, (_, name: string) =>
    String(placeholders[name]),
  );

export const words = (locale: Partial<Locale> = {}): Words =>
  new Words(localize, { language: "en", time_format: "24", ...locale });

interface Subscription {
  command: Record<string, unknown>;
  send: (message: unknown) => void;
  ended: boolean;
}

/** Answers subscriptions as a test tells it to. */
export class FakeConnection implements Connection {
  connected = true;
  subscriptions: Subscription[] = [];
  /** What to refuse the next subscriptions with. */
  refusals: { code: unknown }[] = [];
  /** Hold answers back until a test releases them. */
  gate: Promise<void> | undefined;

  private readonly listeners = new Map<string, Set<() => void>>();

  async subscribeMessage(
    callback: (message: never) => void,
    command: Record<string, unknown>,
  ): Promise<() => Promise<void>> {
    // As the library does.
    command.id = this.subscriptions.length + 1;
    const refusal = this.refusals.shift();
    const subscription: Subscription = {
      command,
      send: (message) => callback(message as never),
      ended: false,
    };
    if (!refusal) {
      this.subscriptions.push(subscription);
    }
    await this.gate;
    if (refusal) {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- as the library does
      throw refusal;
    }
    return () => {
      subscription.ended = true;
      return Promise.resolve();
    };
  }

  addEventListener(event: string, listener: () => void): void {
    const listeners = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, listeners.add(listener));
  }

  removeEventListener(event: string, listener: () => void): void {
    this.listeners.get(event)?.delete(listener);
  }

  fire(event: "ready" | "disconnected"): void {
    this.connected = event === "ready";
    this.listeners.get(event)?.forEach((listener) => listener());
  }

  get listening(): number {
    return [...this.listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }

  /** The last subscription of a type that was not ended. */
  open(type: string): Subscription {
    const found = this.subscriptions.findLast(
      ({ command, ended }) => command.type === `tuya_lock_users/${type}` && !ended,
    );
    if (!found) {
      throw new Error(`Nothing follows ${type}`);
    }
    return found;
  }
}

export interface Called {
  action: string;
  data: Record<string, unknown>;
}

export const ACTIONS = [
  "get_users",
  "get_user",
  "get_unlock_methods",
  "get_absent_users",
  "add_user",
  "update_user",
  "delete_user",
  "purge_users",
  "set_user_role",
  "set_user_schedule",
  "suspend_user",
  "resume_user",
  "allocate_unlock_methods",
  "deallocate_unlock_methods",
];

export const LATER_ACTIONS = [
  "enroll_unlock_method",
  "cancel_enrollment",
  "update_unlock_method",
  "delete_unlock_method",
  "sync_unlock_methods",
  "get_passwords",
  "add_password",
  "update_password",
  "delete_password",
  "get_dynamic_password",
  "add_offline_password",
  "get_records",
];

export class FakeHass {
  readonly connection = new FakeConnection();
  readonly called: Called[] = [];
  /** Answers by action; an error is thrown. */
  answers: Record<string, unknown> = {
    get_passwords: { passwords: [] },
    get_records: { records: [] },
  };
  readonly hass: HomeAssistant;

  constructor(actions: string[] = [...ACTIONS, ...LATER_ACTIONS]) {
    this.hass = {
      connection: this.connection,
      language: "en",
      locale: { language: "en", time_format: "24", first_weekday: "monday" },
      user: { is_admin: true },
      services: { tuya_lock_users: Object.fromEntries(actions.map((action) => [action, {}])) },
      states: {},
      entities: {},
      devices: {},
      callService: async (_domain, action, data) => {
        this.called.push({ action, data });
        const answer = await this.answers[action];
        if (answer instanceof Error) {
          throw answer;
        }
        if (typeof answer === "object" && answer !== null && "code" in answer) {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- as the library does
          throw answer;
        }
        return { response: answer ?? {} };
      },
      callWS: (message) => {
        this.called.push({ action: String(message.type), data: message });
        return Promise.resolve(undefined as never);
      },
      loadBackendTranslation: () => Promise.resolve(localize),
      localize,
    };
  }

  calls(action: string): Record<string, unknown>[] {
    return this.called.filter((each) => each.action === action).map(({ data }) => data);
  }
}

// What a lock says

export const method = (type: string, number: number, more: Partial<Method> = {}): Method => ({
  type,
  number,
  name: null,
  user_id: null,
  user_name: null,
  phase: "confirmed",
  duress: false,
  admin: false,
  can_deallocate: true,
  delivery_status: "success",
  notify: { app: false, sms: null, call: null },
  ...more,
});

export const limited = (more: Partial<Schedule> = {}): Schedule => ({
  permanent: false,
  start: "2026-10-01T00:00:00+02:00",
  end: "2027-09-24T23:59:59+02:00",
  windows: [
    {
      days: ["monday", "tuesday", "wednesday", "thursday", "friday"],
      start_time: "09:00",
      end_time: "12:00",
    },
    { days: ["saturday"], start_time: "10:00", end_time: "11:00" },
  ],
  delivery_status: "success",
  ...more,
});

export const ALWAYS: Schedule = {
  permanent: true,
  start: null,
  end: null,
  windows: [],
  delivery_status: "success",
};

export const user = (user_id: string, name: string, more: Partial<User> = {}): User => ({
  user_id,
  name,
  user_type: "member",
  role: "normal",
  contact: null,
  access: "allowed",
  schedule: ALWAYS,
  unlock_methods: [],
  delivery_status: "success",
  ...more,
});

export const lock = (more: Partial<Lock> = {}): Lock => ({
  lock_id: "lock1",
  device_id: "device1",
  entry_id: "entry1",
  name: "Front door",
  online: true,
  readable: true,
  read_at: new Date().toISOString(),
  next_read_at: null,
  time_zone: "Europe/Berlin",
  utc_offset: 60,
  disabled: false,
  users: 4,
  pending: 0,
  absent: 1,
  unassigned: 2,
  ...more,
});

export const project = (more: Partial<Project> = {}): Project => ({
  entry_id: "entry1",
  title: "Home project",
  state: "loaded",
  reason: null,
  calls: 120,
  paused_until: null,
  ...more,
});

export const feed = (...locks: Lock[]): Feed => ({
  projects: [project()],
  locks: locks.length ? locks : [lock()],
});

export const household = (): LockMessage => ({
  users: {
    "1": user("1", "Olivia Ortmann", {
      user_type: "owner",
      role: null,
      unlock_methods: [method("fingerprint", 0, { name: "Right thumb", admin: true })],
    }),
    "2": user("2", "Anton Ahrens", { user_type: "admin", role: "admin", unlock_methods: null }),
    "3": user("3", "Clara Clean", {
      access: "outside_hours",
      schedule: limited(),
      unlock_methods: [
        method("fingerprint", 4, { name: "Clara's thumb" }),
        method("fingerprint", 5),
        method("card", 2, { name: "Green card", can_deallocate: false }),
      ],
    }),
    "4": user("4", "Emil Expired", {
      access: "expired",
      schedule: limited({ end: "2026-11-01T00:00:00+01:00", windows: [] }),
      unlock_methods: [],
    }),
  },
  order: ["1", "2", "3", "4"],
  absent: [
    { user_id: "90", lock_user_id: "7", user_type: "member" },
    { user_id: "91", lock_user_id: null, user_type: "unknown" },
  ],
  unassigned: [method("card", 9, { name: "Blue card" }), method("password", 3)],
  enrollment: null,
});

// Elements

export const until = async <T>(
  probe: () => T | null | undefined | false,
  what = "",
): Promise<T> => {
  for (let tries = 0; tries < 200; tries++) {
    const found = probe();
    if (found) {
      return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Waited in vain${what && ` for ${what}`}: ${probe.toString()}`);
};

/** Every element below a node, shadow trees included. */
export const deep = <T extends Element = HTMLElement>(root: ParentNode, selector: string): T[] => {
  const found: T[] = [...root.querySelectorAll<T>(selector)];
  for (const element of root.querySelectorAll("*")) {
    if (element.shadowRoot) {
      found.push(...deep<T>(element.shadowRoot, selector));
    }
  }
  return found;
};

export const textOf = (root: ParentNode): string => {
  const texts: string[] = [];
  const walk = (node: Node): void => {
    if (node instanceof Element && ["STYLE", "SCRIPT"].includes(node.tagName)) {
      return;
    }
    if (node.nodeType === Node.TEXT_NODE) {
      texts.push(node.textContent ?? "");
    }
    const shadow = node instanceof Element ? node.shadowRoot : null;
    (shadow ?? node).childNodes.forEach(walk);
    if (shadow) {
      node.childNodes.forEach(walk);
    }
  };
  walk(root);
  return texts
    .join(" ")
    .replace(/[\u2066\u2068\u2069]/g, "")
    .replace(/\s+/g, " ")
    .trim();
};

export const byText = (root: ParentNode, selector: string, text: string): HTMLElement | undefined =>
  deep(root, selector).find((element) => textOf(element) === text);

export const byLabel = (root: ParentNode, label: string): HTMLElement | undefined =>
  deep(root, `[aria-label="${label}"]`)[0];
