/** At most three places to be, by role. */

import type { Role } from "../../shared/documents.ts";
import { account } from "../state/index.ts";
import { common as w } from "../words/common.ts";
import { Icon } from "./Icon.tsx";

type Tab = { to: string; icon: string; name: string };
const MORE: Tab = { to: "#/more", icon: "more", name: w.tabs.more };
const MAP: Tab = { to: "#/map", icon: "map", name: w.tabs.map };

export function tabsOf(role: Role): Tab[] {
  if (role === "brigade") return [{ to: "#/", icon: "list", name: w.tabs.orders }, MAP, MORE];
  if (role === "civil_protection" || role === "desk" || role === "agency")
    return [{ to: "#/", icon: "layers", name: w.tabs.board }, MAP, MORE];
  if (role === "sector_leader")
    return [
      { to: "#/", icon: "home", name: w.tabs.sector },
      { to: "#/registry", icon: "people", name: w.tabs.registry },
      MORE,
    ];
  return [{ to: "#/", icon: "home", name: w.tabs.mine }, MAP, MORE];
}

export function Tabs({ at }: { at: string }) {
  const role = account.value?.role;
  if (!role) return null;
  return (
    <nav class="tabs" aria-label={w.nav}>
      {tabsOf(role).map((tab) => (
        <a class="tab" key={tab.to} href={tab.to} aria-current={tab.to === at ? "page" : undefined}>
          <Icon name={tab.icon} />
          {tab.name}
        </a>
      ))}
    </nav>
  );
}
