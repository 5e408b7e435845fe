import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { AccountPage } from '../../src/pages/account-page.tsx';
import { aCheck, anIdentity, list, probe, refusal, stagePage } from './page-stage.tsx';

const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const serial = 'arn:aws:iam::123456784821:mfa/alice';

async function setup(identities = [anIdentity()]) {
  const stage = stagePage({
    page: <AccountPage />,
    path: pagePaths.tokens,
    address: '/app/settings/tokens',
    isOwner: false,
    answers: {
      'GET /users/user-alice/authentication-tokens': () => list([]),
      'GET /account/sessions': () => ({ data: [] }),
      'GET /account/aws-identities': () => list(identities),
      'POST /account/aws-identities': () => Response.json({ data: anIdentity() }, { status: 201 }),
    },
  });
  const section = await screen.findByRole('region', { name: 'Your AWS identities' });
  return { ...stage, section };
}

function fillIn() {
  const type = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });
  type('Access key id', 'AKIAIOSFODNN7EXAMPLE');
  type('Secret access key', secret);
  type('MFA serial number', serial);
}

/** Of the dialog; the page behind has one of the same name. */
function send(action: string) {
  fireEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: action }));
}

function field(label: string): HTMLInputElement {
  return screen.getByLabelText<HTMLInputElement>(label);
}

describe('my AWS identities', () => {
  test('each shows its organization, key, device and the user that AWS named', async () => {
    await setup();
    const table = await screen.findByRole('table', { name: 'Your AWS identities' });
    const [, row] = within(table).getAllByRole('row');
    for (const words of ['acme', 'AKIAIOSFODNN7EXAMPLE', '…4821:mfa/alice', 'arn:aws:iam::123456784821:user/alice']) {
      expect(row?.textContent).toContain(words);
    }
  });

  test('without one it says what happens instead', async () => {
    const { section } = await setup([]);
    await within(section).findByText(/^You have registered none/);
  });

  test('registering sends the secret once, and afterwards neither the page nor a cache has it', async () => {
    const { writes, remembered } = await setup([]);
    fireEvent.click(screen.getByRole('button', { name: 'Register' }));
    expect(screen.getByText(/stored sealed/).textContent).toContain('a call to AWS that changes nothing');
    expect(field('Secret access key').type).toBe('password');
    expect(field('Secret access key').autocomplete).toBe('off');
    fillIn();
    send('Register');
    await screen.findByText(/^AWS knows these keys and this device/);
    expect(screen.queryByLabelText('Secret access key')).toBeNull();
    expect(writes()).toEqual([
      {
        method: 'POST',
        path: '/account/aws-identities',
        body: {
          data: {
            type: 'aws-identities',
            attributes: {
              organization: 'acme',
              'access-key-id': 'AKIAIOSFODNN7EXAMPLE',
              'secret-access-key': secret,
              'mfa-serial-number': serial,
            },
          },
        },
      },
    ]);
    expect(document.documentElement.outerHTML).not.toContain(secret);
    expect(remembered()).not.toContain(secret);
  });

  test('a refusal says what was found; the secret is gone and the other fields stay', async () => {
    const { answers, remembered } = await setup([]);
    const found = 'AWS knows the key, but the secret is another one. Copy it again, or make a new key.';
    answers['POST /account/aws-identities'] = () => refusal(422, 'aws_identity_refused', found);
    fireEvent.click(screen.getByRole('button', { name: 'Register' }));
    fillIn();
    send('Register');
    const alert = await within(screen.getByRole('dialog')).findByRole('alert');
    expect(alert.textContent).toContain(found);
    expect(field('Access key id').value).toBe('AKIAIOSFODNN7EXAMPLE');
    expect(field('MFA serial number').value).toBe(serial);
    expect(field('Secret access key').value).toBe('');
    expect(document.documentElement.outerHTML).not.toContain(secret);
    expect(remembered()).not.toContain(secret);
  });

  test('a refusal of one field stands beside it', async () => {
    const { answers } = await setup([]);
    const reason = 'An MFA device is named by its ARN.';
    answers['POST /account/aws-identities'] = () =>
      refusal(422, 'invalid_request', `mfa-serial-number: ${reason}`, '/data/attributes/mfa-serial-number');
    fireEvent.click(screen.getByRole('button', { name: 'Register' }));
    fillIn();
    send('Register');
    await screen.findByText(reason);
    expect(field('MFA serial number').getAttribute('aria-invalid')).toBe('true');
  });

  test('nothing can be sent until all is filled in', async () => {
    await setup([]);
    fireEvent.click(screen.getByRole('button', { name: 'Register' }));
    const button = within(screen.getByRole('dialog')).getByRole<HTMLButtonElement>('button', { name: 'Register' });
    expect(button.disabled).toBe(true);
    fillIn();
    expect(button.disabled).toBe(false);
  });

  test('new keys replace those of the same organization', async () => {
    const { writes } = await setup();
    fireEvent.click(await screen.findByRole('button', { name: 'Replace keys for acme' }));
    expect(screen.getByRole('dialog', { name: 'New keys for acme' })).toBeTruthy();
    expect(screen.queryByLabelText('Organization')).toBeNull();
    expect(field('Access key id').value).toBe('');
    fillIn();
    send('Replace');
    await screen.findByText(/^AWS knows these keys and this device/);
    expect(writes()[0]?.body).toMatchObject({ data: { attributes: { organization: 'acme' } } });
  });

  test('removing asks first', async () => {
    const { answers, writes } = await setup();
    answers['DELETE /account/aws-identities/awsid-1'] = () => undefined;
    fireEvent.click(await screen.findByRole('button', { name: 'Remove acme' }));
    expect(writes()).toEqual([]);
    fireEvent.click(screen.getByRole('button', { name: 'Remove identity' }));
    await waitFor(() => expect(writes().map(({ path }) => path)).toEqual(['/account/aws-identities/awsid-1']));
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
  });

  test('"Check" asks AWS at once about my own identity, and again on another press', async () => {
    const { answers, writes } = await setup();
    answers['POST /organizations/acme/aws-checks'] = () => aCheck([probe('keys', 'passed')]);
    fireEvent.click(await screen.findByRole('button', { name: 'Check acme' }));
    const panel = await screen.findByRole('region', { name: 'Check of your identity for acme' });
    await within(panel).findByText('Everything is right.');
    expect(writes()).toEqual([
      {
        method: 'POST',
        path: '/organizations/acme/aws-checks',
        body: { data: { type: 'aws-checks', attributes: { identity: 'own' } } },
      },
    ]);
    fireEvent.click(screen.getByRole('button', { name: 'Check acme' }));
    await waitFor(() => expect(writes()).toHaveLength(2));
    await screen.findByText('Everything is right.');
    fireEvent.click(screen.getByRole('button', { name: 'Close check' }));
    expect(screen.queryByRole('region', { name: 'Check of your identity for acme' })).toBeNull();
  });
});
