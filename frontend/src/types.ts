/** Messages and responses of the integration, and the part of `hass` that is used. */

export const DOMAIN = "tuya_lock_users";

export const DAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;
export type Day = (typeof DAYS)[number];

/** Whoever may enter first. */
export const ACCESS = ["allowed", "outside_hours", "not_started", "suspended", "expired"] as const;
export type Access = (typeof ACCESS)[number];
export type Delivery = "ongoing" | "success" | "failed";
export type UserType = "unknown" | "admin" | "member" | "anonymous" | "shared" | "owner";

export const METHOD_TYPES = [
  "fingerprint",
  "card",
  "password",
  "face",
  "palm",
  "finger_vein",
  "remote_control",
  "iris",
] as const;
export type MethodType = (typeof METHOD_TYPES)[number];

/** Hours on some days; `end_time` is "24:00" for the midnight that ends a day. */
export interface Window {
  days: Day[];
  start_time: string;
  end_time: string;
  time_zone?: string | null;
}

/** Times are ISO in the time zone of the lock; `windows` is null if not understood. */
export interface Schedule {
  permanent: boolean | null;
  start: string | null;
  end: string | null;
  windows: Window[] | null;
  delivery_status: Delivery | null;
}

export interface Method {
  type: string;
  number: number;
  name: string | null;
  user_id: string | null;
  user_name: string | null;
  phase: string | null;
  duress: boolean | null;
  admin: boolean | null;
  can_deallocate: boolean | null;
  delivery_status: Delivery | null;
  notify: { app: boolean | null; sms: string | null; call: string | null };
}

export interface User {
  user_id: string;
  name: string | null;
  user_type: UserType;
  role: "admin" | "normal" | null;
  contact: string | null;
  access: Access | null;
  schedule: Schedule | null;
  /** Null: not read yet, which is not the same as none. */
  unlock_methods: Method[] | null;
  delivery_status: Delivery | null;
}

export interface AbsentUser {
  user_id: string;
  lock_user_id: string | null;
  user_type: UserType;
}

/** The progress of an enrollment. */
export interface Enrollment {
  user_id: string;
  type: string;
  touches_left: number | null;
  touches_total: number | null;
  lift_finger: boolean | null;
}

export interface Project {
  entry_id: string;
  title: string;
  /** Home Assistant's state of the entry: "loaded", "setup_retry", … */
  state: string;
  /** The key of the issue that prevents updates, or null. */
  reason: string | null;
  /** Calls of this month, or null while the entry is not loaded. */
  calls: number | null;
  paused_until: string | null;
}

export interface Lock {
  lock_id: string;
  device_id: string | null;
  entry_id: string;
  name: string;
  online: boolean | null;
  readable: boolean;
  read_at: string | null;
  next_read_at: string | null;
  /** A name such as "Europe/Berlin", or an offset such as "+08:00". */
  time_zone: string;
  /** Minutes east of Greenwich now. */
  utc_offset: number;
  disabled: boolean;
  users: number | null;
  pending: number;
  absent: number | null;
  unassigned: number | null;
}

export interface Feed {
  projects: Project[];
  locks: Lock[];
}

/** The first message of a lock is whole, later ones hold what changed. */
export interface LockMessage {
  users?: Record<string, User>;
  gone?: string[];
  order?: string[];
  absent?: AbsentUser[] | null;
  unassigned?: Method[] | null;
  enrollment?: Enrollment | null;
}

/** The data of the shown lock; `absent` and `unassigned` are null until fetched. */
export interface LockUsers {
  users: Record<string, User>;
  order: string[];
  absent: AbsentUser[] | null;
  unassigned: Method[] | null;
  enrollment: Enrollment | null;
}

export interface Profile {
  sex: "male" | "female" | null;
  birthday: string | null;
  height: number | null;
  weight: number | null;
  contact: string | null;
}

export type PasswordStatus =
  "pending" | "active" | "frozen" | "deleting" | "deleted" | "failed" | "unknown";

export interface Password {
  password_id: string;
  name: string | null;
  number: number | null;
  status: PasswordStatus;
  start: string | null;
  end: string | null;
  windows: Window[] | null;
  one_time: boolean | null;
  delivery_status: Delivery | null;
}

export interface LockRecord {
  time: string;
  kind: "opened" | "alarm" | "doorbell";
  type: string | null;
  number: number | null;
  name: string | null;
  user_id: string | null;
  user_name: string | null;
  code: string | null;
}

export interface PurgeResult {
  user_id: string;
  status: "purged" | "would_purge" | "skipped" | "failed";
}

// Home Assistant

export type Localize = (key: string, placeholders?: Record<string, string | number>) => string;

export interface Connection {
  connected: boolean;
  subscribeMessage: (
    callback: (message: never) => void,
    message: Record<string, unknown>,
    options: { resubscribe: boolean },
  ) => Promise<() => Promise<void>>;
  addEventListener: (event: "ready" | "disconnected", listener: () => void) => void;
  removeEventListener: (event: "ready" | "disconnected", listener: () => void) => void;
}

export interface Locale {
  language: string;
  time_format?: "language" | "system" | "12" | "24";
  first_weekday?: "language" | Day;
}

export interface HomeAssistant {
  connection: Connection;
  language: string;
  locale: Locale;
  config?: { time_zone: string };
  user?: { is_admin: boolean };
  services: Record<string, Record<string, unknown> | undefined>;
  states: Record<string, EntityState | undefined>;
  entities: Record<string, EntityEntry | undefined>;
  devices: Record<string, DeviceEntry | undefined>;
  dockedSidebar?: string;
  kioskMode?: boolean;
  callService: (
    domain: string,
    action: string,
    data: Record<string, unknown>,
    target: undefined,
    notifyOnError: boolean,
    returnResponse: boolean,
  ) => Promise<{ response?: unknown }>;
  callWS: <T>(message: Record<string, unknown>) => Promise<T>;
  loadBackendTranslation: (category: string, integration?: string) => Promise<Localize>;
  localize: Localize;
  formatEntityState?: (state: EntityState) => string;
}

export interface EntityState {
  entity_id: string;
  state: string;
  attributes: Record<string, unknown>;
}

export interface EntityEntry {
  entity_id: string;
  device_id?: string | null;
  platform?: string;
  translation_key?: string;
  hidden?: boolean;
}

export interface DeviceEntry {
  id: string;
  name: string | null;
  name_by_user?: string | null;
  parent_device_id?: string | null;
  via_device_id?: string | null;
  identifiers: [string, string][];
}
