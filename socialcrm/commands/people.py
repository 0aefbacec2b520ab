"""`socialcrm create-admin`."""

from __future__ import annotations

import click


@click.command("create-admin")
@click.option("--email", required=True, help="Address to sign in with.")
@click.option("--name", default="Admin", show_default=True)
@click.password_option(help="Asked for when not given.")
def create_admin(email: str, name: str, password: str) -> None:
    """Create an administrator.

    \b
    Example:
      socialcrm create-admin --email owner@example.com
    """
    from socialcrm import create_app
    from socialcrm.accounts.actions import open_account
    from socialcrm.accounts.passwords import hash_password
    from socialcrm.customers.actions import create_customer
    from socialcrm.database import transaction
    from socialcrm.errors import SocialError

    if len(password) < 10:
        raise click.ClickException("The password needs at least 10 characters.")
    encoded = hash_password(password)
    with create_app().app_context():
        try:
            with transaction():
                customer = create_customer(name, source="staff")
                open_account(customer, password_hash=encoded, email=email, role="admin")
        except SocialError as error:
            raise click.ClickException(error.code) from error
    click.echo(f"{email} can sign in as an administrator.")
