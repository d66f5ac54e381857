import { Plus } from 'lucide';
import { useState } from 'preact/hooks';
import { request } from '../../api/requests.js';
import type { CreatedToken } from '../../api/types.js';
import { useResource } from '../../api/use-resource.js';
import { Icon } from '../../icons/icon.js';
import { ProblemNotice } from '../../layout/problem-notice.js';
import { NeedsScope } from '../../session/needs-scope.js';
import { isAdmin } from '../../session/session.js';
import controls from '../../style/controls.module.css';
import { CreateTokenDialog } from './create-token-dialog.js';
import { NewToken } from './new-token.js';
import { RevokeDialog } from './revoke-dialog.js';
import { isUsable, type Token } from './token.js';
import { TokenTable } from './token-table.js';
import styles from './tokens.module.css';

/** The page "Tokens", which lists, creates and revokes the tokens with which apps push and people read. */
export function Tokens() {
  if (!isAdmin.value) {
    return (
      <div class={styles.page}>
        <h1>Tokens</h1>
        <NeedsScope what="This page" scope="admin" />
      </div>
    );
  }
  return <TokenAdministration />;
}

function TokenAdministration() {
  const tokens = useResource('tokens', (signal) => request<Token[]>('/api/admin/tokens', { signal }));
  const [isCreating, setCreating] = useState(false);
  const [created, setCreated] = useState<CreatedToken | null>(null);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const [showsAll, setShowsAll] = useState(false);
  const [search, setSearch] = useState('');

  const all = (tokens.data ?? []).toSorted((one, other) => other.id - one.id);
  const found = all.filter((token) => textOf(token).includes(search.trim().toLowerCase()));
  const shown = found.filter((token) => showsAll || isUsable(token));
  const hidden = found.length - shown.length;

  return (
    <div class={styles.page}>
      <header class={styles.head}>
        <div>
          <h1>Tokens</h1>
          <p class={controls.muted}>A token says what an app or a person may do. Its secret is shown only once.</p>
        </div>
        <button type="button" class={`${controls.button} ${controls.primary}`} onClick={() => setCreating(true)}>
          <Icon of={Plus} />
          New token
        </button>
      </header>
      {created !== null && <NewToken token={created} onClose={() => setCreated(null)} />}
      <ProblemNotice of={tokens} />
      {all.length > 8 && (
        <input
          class={`${controls.input} ${styles.search}`}
          type="search"
          aria-label="Search tokens"
          placeholder="Search names, scopes and labels"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <section class={`${controls.card} ${styles.list}`} aria-label="Tokens" aria-busy={tokens.data === null}>
        {tokens.data !== null && <TokenTable tokens={shown} onRevoke={setRevoking} />}
        {tokens.data !== null && shown.length === 0 && <p class={styles.empty}>No token matches.</p>}
      </section>
      {(hidden > 0 || showsAll) && (
        <button type="button" class={controls.button} onClick={() => setShowsAll(!showsAll)}>
          {showsAll ? 'Hide revoked and expired tokens' : `Show ${hidden} revoked or expired`}
        </button>
      )}
      {isCreating && (
        <CreateTokenDialog
          onClose={() => setCreating(false)}
          onCreated={(token) => {
            setCreating(false);
            setCreated(token);
            tokens.reload();
          }}
        />
      )}
      {revoking !== null && (
        <RevokeDialog
          token={revoking}
          onClose={() => setRevoking(null)}
          onRevoked={() => {
            setRevoking(null);
            if (created?.id === revoking.id) setCreated(null);
            tokens.reload();
          }}
        />
      )}
    </div>
  );
}

/** Returns the text that the search looks through: the name, the scopes and the labels of a token, in lower case. */
function textOf({ name, scopes, labels }: Token): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return [name, ...scopes, ...pairs].join(' ').toLowerCase();
}
