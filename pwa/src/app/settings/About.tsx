/** Notices and version. */
import { municipality, notice, update_waiting, version } from "../state/index.ts";
import { Screen } from "../ui/Screen.tsx";
import { mine } from "../words/mine.ts";
import { settings as w } from "../words/settings.ts";

export default function About() {
  return (
    <Screen title={w.aboutTitle} up="#/more">
      <p class="strong">
        Manzana · {w.version(version)}
        {municipality.value ? ` · ${municipality.value.municipality}` : ""}
      </p>
      {update_waiting.value && <p class="panel panel--say">{mine.update}</p>}
      <h2>{w.notice}</h2>
      {notice.value ? (
        <>
          <p>{notice.value.short}</p>
          <p class="pre small">{notice.value.full}</p>
          <p class="small muted">{w.version(notice.value.version)}</p>
        </>
      ) : (
        <p>{w.noNotice}</p>
      )}
      <p class="panel">{w.position}</p>
      <p class="small muted">{w.licence}</p>
    </Screen>
  );
}
