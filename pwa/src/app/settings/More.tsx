/** The third tab: everything that is not today's work. */
import { path } from "../route.ts";
import { account, counts, lock, municipality } from "../state/index.ts";
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { Tabs } from "../ui/Tabs.tsx";
import { common } from "../words/common.ts";
import { settings as w } from "../words/settings.ts";

export default function More() {
  const me = account.value;
  const pending = counts.value.on_phone + counts.value.photos_on_phone;
  const items = [
    ...(me?.role === "brigade" ? [{ icon: "plus", words: w.newReport, to: path("new") }] : []),
    ...(me?.role === "brigade" ? [{ icon: "people", words: w.handover, to: path("handover") }] : []),
    ...(me?.role === "sector_leader" ? [{ icon: "map", words: w.map, to: path("map") }] : []),
    { icon: "search", words: w.search, to: path("search") },
    {
      icon: "send",
      words: w.outbox,
      to: path("outbox"),
      note: pending > 0 ? common.status.onPhone(pending) : undefined,
    },
    { icon: "person", words: w.accounts, to: path("accounts") },
    { icon: "gear", words: w.settings, to: path("settings") },
    { icon: "tools", words: w.diagnosis, to: path("diagnosis") },
    { icon: "info", words: w.about, to: path("about") },
  ];
  return (
    <Screen title={w.more} bare tabs={<Tabs at="#/more" />}>
      <div class="body">
        <p class="row">
          <Icon name="person" />
          <span>
            <span class="strong">{me?.name}</span>
            <br />
            <span class="muted">
              {me && common.role[me.role]} · {municipality.value?.municipality ?? me?.municipality}
            </span>
          </span>
        </p>
        {municipality.value?.slogan && !municipality.value.election_mode && (
          <p class="muted">{municipality.value.slogan}</p>
        )}
      </div>
      <ul class="rows">
        {items.map((item) => (
          <li key={item.to}>
            <a class="item" href={item.to}>
              <Icon name={item.icon} />
              <span class="grow">
                {item.words}
                {"note" in item && item.note && (
                  <>
                    <br />
                    <span class="small muted">{item.note}</span>
                  </>
                )}
              </span>
              <Icon name="next" />
            </a>
          </li>
        ))}
        {me?.has_pin && (
          <li>
            <button type="button" class="item" onClick={lock}>
              <Icon name="lock" />
              <span class="grow">{w.lock}</span>
            </button>
          </li>
        )}
      </ul>
    </Screen>
  );
}
