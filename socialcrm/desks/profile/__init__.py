"""A member's own profile page and the public card others see."""
