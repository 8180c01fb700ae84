import { useId, type ReactNode } from 'react';
import classes from './welcome-card.module.css';

export interface WelcomeCardProps {
  /** What the window is open on, as main names it. */
  platform: string;
  /** It was started on this machine with the console, with pretend clients. */
  local: boolean;
  /** A client's name to try things on; null: there is none yet. */
  client: string | null;
  onOpenClient: () => void;
  inbox: ReactNode;
  reports: ReactNode;
  onPutAway: () => void;
}

/** What a first start has to say: what is running, what to click first, how the own platform comes here. */
export function WelcomeCard(props: WelcomeCardProps): ReactNode {
  const { platform, local, client, onOpenClient, inbox, reports, onPutAway } = props;
  const title = useId();
  return (
    <section className={classes['card']} aria-labelledby={title}>
      <div className={classes['head']}>
        <h2 id={title}>Welcome to TenantDesk</h2>
        <button type="button" className="td-button" onClick={onPutAway}>
          Put away
        </button>
      </div>
      <div className={classes['parts']}>
        <div>
          <h3>What is running</h3>
          <p>
            {local
              ? `${platform}, on this machine alone: a PostgreSQL, a Redis, the gateway and a pretend AI provider, with demo clients whose workflows call it right now. Nothing leaves the machine, and closing the window stops all of it.`
              : `The window is open on ${platform}. Every figure comes from its database and its gateways.`}
          </p>
        </div>
        <div>
          <h3>What to click first</h3>
          <ul>
            {client === null ? null : (
              <li>
                <button type="button" className="td-link" onClick={onOpenClient}>
                  Open {client}
                </button>{' '}
                and change its cap: the gateway obeys within a second, and Undo stays for 30.
              </li>
            )}
            <li>{inbox}: who asks for more, and what it would cost.</li>
            <li>{reports}: a client’s month, as a PDF in its colours.</li>
          </ul>
        </div>
        <div>
          <h3>Your own platform</h3>
          <p>
            Open the menu of platforms at the top left and connect another one: its database login and gateway token are
            tried part by part and kept encrypted. It needs this program’s schema (<code>npm run platform:migrate</code>
            ) and gateway (<code>npm run gateway</code>).
          </p>
        </div>
      </div>
    </section>
  );
}
