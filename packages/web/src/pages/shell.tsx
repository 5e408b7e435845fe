import { Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import {
  IconActivity,
  IconChevronDown,
  IconHourglass,
  IconServer2,
  IconSettings,
  type TablerIcon,
} from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, Suspense, useEffect, useRef } from 'react';
import { Link, Outlet, useLocation, useNavigate } from 'react-router';
import { signOut } from '../api-client/session.ts';
import { LoadingState } from '../components/loading-state.tsx';
import { useSession } from '../features/session/current-session.tsx';
import { chosenOrganization, organizationInAddress } from '../features/session/last-organization.ts';
import { mayOperate } from '../features/session/may-operate.ts';
import { useServices } from '../features/session/services.tsx';
import { OrganizationMenu } from './organization-menu.tsx';
import { pathTo } from './paths.ts';
import css from './shell.module.css';

/** What stands round every page: who I am, where I can go, how many runs wait for me. */
export function Shell({ waiting = 0, live }: { waiting?: number; live?: ReactNode }) {
  const session = useSession();
  const { who, organizations } = session;
  const location = useLocation();
  const organization = chosenOrganization(
    organizations,
    organizationInAddress(location.pathname, location.search),
    window.localStorage,
  );
  const main = useRef<HTMLElement>(null);
  useFocusOnNewPage(main, location.pathname);
  return (
    <div className={css['shell']}>
      <a className={css['skip']} href="#main">
        To the content
      </a>
      <header className={css['header']}>
        <Link to="/" className={css['brand']}>
          <img src="/favicons/gate.svg" alt="" width={24} height={24} /> Gatehouse
        </Link>
        {organization !== undefined && <OrganizationMenu chosen={organization} organizations={organizations} />}
        <div className={css['tools']}>
          {live}
          <AccountMenu username={who.username} />
        </div>
      </header>
      <nav className={css['nav']} aria-label="Gatehouse">
        <Item to="/" icon={IconHourglass} words="Waiting">
          {waiting > 0 && <span className={css['count']}>{waiting}</span>}
        </Item>
        {organization !== undefined && (
          <Item
            to={pathTo('environments', { organization: organization.name })}
            icon={IconServer2}
            words="Environments"
            isCurrent={/^\/(terraform|app\/(?!settings\/))/.test(location.pathname)}
          />
        )}
        {mayOperate(session) && <Item to={pathTo('queue')} icon={IconActivity} words="Queue" />}
        {organization?.isOwner && (
          <Item
            to={`${pathTo('organizationVariables')}?organization=${encodeURIComponent(organization.name)}`}
            icon={IconSettings}
            words="Settings"
            isCurrent={location.pathname.startsWith('/settings/')}
          />
        )}
      </nav>
      <main ref={main} id="main" className={css['main']} tabIndex={-1}>
        <Suspense fallback={<LoadingState what="the page" />}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
}

function Item(props: {
  to: string;
  icon: TablerIcon;
  words: string;
  /** Default: where the address is the link's own. One item may stand for several addresses. */
  isCurrent?: boolean;
  children?: ReactNode;
}) {
  const { pathname } = useLocation();
  const Icon = props.icon;
  const isCurrent = props.isCurrent ?? pathname === props.to;
  return (
    <Link to={props.to} className={css['link']} aria-current={isCurrent ? 'page' : undefined}>
      <Icon size={20} aria-hidden />
      {props.words}
      {props.children}
    </Link>
  );
}

function AccountMenu({ username }: { username: string }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const leaving = useMutation({
    mutationFn: () => signOut(api),
    onSettled: () => {
      queries.clear();
      void navigate('/sign-in', { replace: true });
    },
  });
  const themes = [
    ['auto', 'Theme of the system'],
    ['light', 'Light'],
    ['dark', 'Dark'],
  ] as const;
  return (
    <Menu position="bottom-end" withinPortal={false} transitionProps={{ duration: 120 }}>
      <Menu.Target>
        <UnstyledButton aria-label={`Account of ${username}`}>
          {username} <IconChevronDown size={16} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to={pathTo('tokens')}>
          API tokens and account
        </Menu.Item>
        <Menu.Divider />
        {themes.map(([scheme, words]) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            onClick={() => setColorScheme(scheme)}
          >
            {words} {colorScheme === scheme && '✓'}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => leaving.mutate()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** A screen reader hears of a new page by the focus; a page that puts it elsewhere itself keeps it there. */
function useFocusOnNewPage(main: React.RefObject<HTMLElement | null>, pathname: string): void {
  const last = useRef(pathname);
  useEffect(() => {
    if (last.current === pathname) return;
    last.current = pathname;
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [main, pathname]);
}
