import { Menu, UnstyledButton } from '@mantine/core';
import { IconCheck, IconSelector } from '@tabler/icons-react';
import { useLocation, useNavigate } from 'react-router';
import type { Organization } from '../api-client/organizations.ts';
import css from './organization-menu.module.css';
import { pathTo } from './paths.ts';

/** Which organization the navigation leads into; with one there is nothing to choose. */
export function OrganizationMenu(props: { chosen: Organization; organizations: readonly Organization[] }) {
  const { pathname } = useLocation();
  const navigate = useNavigate();
  if (props.organizations.length < 2) return <span className={css['only']}>{props.chosen.name}</span>;
  return (
    <Menu position="bottom-start" withinPortal={false} transitionProps={{ duration: 120 }}>
      <Menu.Target>
        <UnstyledButton className={css['button'] ?? ''} aria-label={`Organization ${props.chosen.name}`}>
          <span className={css['name']}>{props.chosen.name}</span> <IconSelector size={16} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {props.organizations.map(({ name }) => (
          <Menu.Item
            key={name}
            role="menuitemradio"
            aria-checked={name === props.chosen.name}
            rightSection={name === props.chosen.name ? <IconCheck size={16} aria-hidden /> : null}
            onClick={() => void navigate(sameIn(name, pathname))}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The page of the other organization that is most like this one: its settings, else its environments. */
function sameIn(organization: string, pathname: string): string {
  return pathname.startsWith('/settings/')
    ? `${pathname}?organization=${encodeURIComponent(organization)}`
    : pathTo('environments', { organization });
}
