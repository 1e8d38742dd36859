/** Who uses this phone: change without signal, add with a code, leave without losing anything. */
import { useState } from "preact/hooks";
import { PinEntry } from "../enrol/PinEntry.tsx";
import { go, path } from "../route.ts";
import type { AccountCard } from "../state/contract.ts";
import { account, accounts, boot, counts, signOut, switchAccount } from "../state/index.ts";
import { Button, LinkButton } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { Seal } from "../ui/Seal.tsx";
import { Sheet } from "../ui/Sheet.tsx";
import { common } from "../words/common.ts";
import { settings as w } from "../words/settings.ts";

/** The account in use is counted now; the others as they were when it was opened. */
function unsentOf(card: AccountCard | null): number {
  if (!card) return 0;
  if (card.account !== account.value?.account) return card.unsent;
  return counts.value.on_phone + counts.value.photos_on_phone;
}

export default function Accounts() {
  const [asking, setAsking] = useState<AccountCard | null>(null);
  const [leaving, setLeaving] = useState(false);
  const active = account.value?.account;
  const locked = boot.value.phase !== "ready";
  async function use(card: AccountCard, pin?: string): Promise<boolean> {
    const open = await switchAccount(card.account, pin);
    if (open) {
      setAsking(null);
      go("#/", true);
    }
    return open;
  }
  function choose(card: AccountCard) {
    if (card.needs_enrol || card.signed_out) go(path("enrol"));
    else if (card.has_pin) setAsking(card);
    else void use(card);
  }
  return (
    <Screen
      title={w.accountsTitle}
      up={boot.value.phase === "locked" ? "#/" : locked ? undefined : "#/more"}
      status={!locked}
    >
      <p>{w.accountsLead}</p>
      {accounts.value.map((card) => (
        <div class="panel" key={card.account} data-account={card.account}>
          <p class="row">
            <Icon name={card.has_pin ? "lock" : "person"} />
            <span class="grow">
              <span class="strong">{card.name}</span>
              <br />
              <span class="small muted">
                {common.role[card.role]}
                {card.signed_out ? ` · ${w.signedOut}` : card.needs_enrol ? ` · ${w.needsEnrol}` : ""}
              </span>
            </span>
            {card.account === active && !locked ? (
              <span class="mark">{w.active}</span>
            ) : (
              <Button main label={`${w.use}: ${card.name}`} onClick={() => choose(card)}>
                {w.use}
              </Button>
            )}
          </p>
          {unsentOf(card) > 0 && <Seal received={false} words={w.unsent(unsentOf(card))} />}
        </div>
      ))}
      {boot.value.phase !== "locked" && (
        <LinkButton big icon="plus" href={path("enrol")}>
          {w.add}
        </LinkButton>
      )}
      {!locked && (
        <Button icon="exit" onClick={() => setLeaving(true)}>
          {w.signOut}
        </Button>
      )}
      {asking && (
        <Sheet label={w.pinAsk(asking.name)} onClose={() => setAsking(null)}>
          <PinEntry
            card={asking}
            label={w.pinAsk(asking.name)}
            hideLabel
            open={w.use}
            onPin={(pin) => use(asking, pin)}
          />
          <Button onClick={() => setAsking(null)}>{common.cancel}</Button>
        </Sheet>
      )}
      {leaving && (
        <Sheet label={w.signOutAsk} onClose={() => setLeaving(false)}>
          <p>{w.signOutNote(unsentOf(account.value))}</p>
          <Button
            risk
            big
            onClick={() => {
              setLeaving(false);
              void signOut().then(() => go("#/", true));
            }}
          >
            {w.signOut}
          </Button>
          <Button onClick={() => setLeaving(false)}>{common.cancel}</Button>
        </Sheet>
      )}
    </Screen>
  );
}
