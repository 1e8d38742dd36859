/**
 * Which screen is shown: first whether the app can be used at all, then the route.
 *
 * Law: every screen but the first loads when used. A name that no screen has leads home, never to a blank page.
 */
import type { ComponentType } from "preact";
import { lazy } from "./lazy.tsx";
import { Mine } from "./mine/Mine.tsx";
import type { Doers } from "./report/Doing.tsx";
import { route } from "./route.ts";
import { account, accounts, boot } from "./state/index.ts";
import { Toast } from "./ui/toast.tsx";
import { common as w } from "./words/common.ts";

type Screen = ComponentType<{ args: string[] }>;

const Unusable = lazy(() => import("./enrol/Unusable.tsx"));
const InstallFirst = lazy(() => import("./enrol/InstallFirst.tsx"));
const Enrol = lazy<{ args: string[] }>(() => import("./enrol/Enrol.tsx"));
const Lock = lazy(() => import("./enrol/Lock.tsx"));
const Orders = lazy(() => import("./orders/Orders.tsx"));
const Board = lazy(() => import("./triage/Board.tsx"));

const ReportPage = lazy<{ args: string[]; doers: Doers }>(() => import("./report/ReportPage.tsx"));
/** A report's page offers what the rooms above it do, and knows none of them. */
const doers: Doers = {
  Order: lazy(() => import("./orders/OrderDoing.tsx")),
  Triage: lazy(() => import("./triage/TriageDoing.tsx")),
};

const screens: Record<string, Screen> = {
  enrol: Enrol,
  new: lazy(() => import("./capture/Capture.tsx")),
  saved: lazy(() => import("./capture/Saved.tsx")),
  report: ({ args }) => <ReportPage args={args} doers={doers} />,
  amend: lazy(() => import("./report/Amend.tsx")),
  verify: lazy(() => import("./report/Verify.tsx")),
  search: lazy(() => import("./mine/Search.tsx")),
  map: lazy(() => import("./map/MapScreen.tsx")),
  outbox: lazy(() => import("./outbox/Outbox.tsx")),
  more: lazy(() => import("./settings/More.tsx")),
  settings: lazy(() => import("./settings/SettingsPage.tsx")),
  diagnosis: lazy(() => import("./settings/Diagnosis.tsx")),
  about: lazy(() => import("./settings/About.tsx")),
  accounts: lazy(() => import("./settings/Accounts.tsx")),
  registry: lazy(() => import("./registry/Registry.tsx")),
  block: lazy(() => import("./registry/BlockPage.tsx")),
  order: lazy(() => import("./orders/OrderAction.tsx")),
  handover: lazy(() => import("./orders/Handover.tsx")),
  triage: lazy(() => import("./triage/TriageAction.tsx")),
  select: lazy(() => import("./triage/Select.tsx")),
  incident: lazy(() => import("./triage/IncidentPage.tsx")),
  rejections: lazy(() => import("./triage/Rejections.tsx")),
};

function Home() {
  const role = account.value?.role;
  if (role === "brigade") return <Orders />;
  if (role === "civil_protection" || role === "desk" || role === "agency") return <Board />;
  return <Mine />;
}

function Where() {
  const state = boot.value;
  const { name, args } = route.value;
  if (state.phase === "starting") return <p class="body muted">{w.loading}</p>;
  if (state.phase === "unusable") return <Unusable />;
  if (state.phase === "install_first") return <InstallFirst />;
  if (state.phase === "locked")
    // A code proves who one is to somebody who forgot the PIN.
    return name === "accounts" || name === "enrol" ? <Screened name={name} args={args} /> : <Lock />;
  if (state.phase === "no_account") {
    // Whoever signed out may still lend the phone to the others on it.
    const others = accounts.value.some((one) => !one.signed_out);
    return others && name !== "enrol" ? <Screened name="accounts" args={args} /> : <Enrol args={args} />;
  }
  return <Screened name={name} args={args} />;
}

function Screened({ name, args }: { name: string; args: string[] }) {
  const Found = Object.hasOwn(screens, name) ? screens[name] : undefined;
  // A new key per address: a form for another report must never inherit what was typed in this one.
  // And one per person: but for the two screens on which one takes the phone from the other.
  const whose = name === "enrol" || name === "accounts" ? "" : account.value?.account;
  const key = `${whose}:${name}/${name === "new" ? "" : args.join("/")}`;
  return Found ? <Found key={key} args={args} /> : <Home key={key} />;
}

export function App() {
  return (
    <>
      <Toast />
      <Where />
    </>
  );
}
