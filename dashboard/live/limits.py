"""How many frames a page may send. No I/O; the clock is an argument."""


class Bucket:
    """Holds up to ``size`` frames and fills with ``rate`` a second."""

    def __init__(self, size: float, rate: float) -> None:
        self._size = size
        self._rate = rate
        self._left = size
        self._at = 0.0

    def take(self, now: float) -> bool:
        """Take one; False when there is none."""
        self._left = min(self._size, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
