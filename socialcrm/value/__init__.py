"""Value: CLV, CRV read models and what they are made of."""
