import {
  mdiAccount,
  mdiAccountOff,
  mdiAlert,
  mdiAlertCircle,
  mdiArrowLeft,
  mdiBell,
  mdiCreditCardOutline,
  mdiCellphone,
  mdiCheck,
  mdiChevronRight,
  mdiClockOutline,
  mdiClose,
  mdiContentCopy,
  mdiDeleteOutline,
  mdiDialpad,
  mdiDoorOpen,
  mdiDotsVertical,
  mdiEye,
  mdiFaceRecognition,
  mdiFingerprint,
  mdiHandFrontRight,
  mdiHandPointingUp,
  mdiInformationOutline,
  mdiKey,
  mdiKeyAlert,
  mdiLink,
  mdiLock,
  mdiMagnify,
  mdiMenu,
  mdiMicrophone,
  mdiPause,
  mdiPencil,
  mdiPlay,
  mdiPlus,
  mdiRefresh,
  mdiRemote,
  mdiShieldAlert,
  mdiSort,
  mdiTimerSand,
  mdiWifiOff,
} from "@mdi/js";
import { html, type TemplateResult } from "lit";

export const PATHS = {
  account: mdiAccount,
  alert: mdiAlert,
  error: mdiAlertCircle,
  absent: mdiAccountOff,
  back: mdiArrowLeft,
  bell: mdiBell,
  cellphone: mdiCellphone,
  check: mdiCheck,
  chevron: mdiChevronRight,
  clock: mdiClockOutline,
  close: mdiClose,
  copy: mdiContentCopy,
  delete: mdiDeleteOutline,
  door: mdiDoorOpen,
  edit: mdiPencil,
  info: mdiInformationOutline,
  key: mdiKey,
  link: mdiLink,
  lock: mdiLock,
  menu: mdiMenu,
  microphone: mdiMicrophone,
  more: mdiDotsVertical,
  offline: mdiWifiOff,
  pause: mdiPause,
  pending: mdiTimerSand,
  play: mdiPlay,
  plus: mdiPlus,
  refresh: mdiRefresh,
  search: mdiMagnify,
  shield: mdiShieldAlert,
  sort: mdiSort,
  unassigned: mdiKeyAlert,
  // Unlock methods
  fingerprint: mdiFingerprint,
  card: mdiCreditCardOutline,
  password: mdiDialpad,
  face: mdiFaceRecognition,
  palm: mdiHandFrontRight,
  finger_vein: mdiHandPointingUp,
  remote_control: mdiRemote,
  iris: mdiEye,
} as const;

export type Icon = keyof typeof PATHS;

/** The icon of an unlock method; unknown types have a key. */
export const iconOf = (type: string): Icon => (type in PATHS ? (type as Icon) : "key");

/**
 * An icon is decorative: its text is beside it or in a label.
 *
 * The bundle has its path in quarters of a pixel, see icon-paths.ts.
 */
export const icon = (name: Icon, extra = ""): TemplateResult =>
  html`<svg class="icon ${extra}" viewBox="0 0 96 96" aria-hidden="true">
    <path d=${PATHS[name]}></path>
  </svg>`;
