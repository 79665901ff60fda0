"""Making the environment the studio runs in; standard library only, used by launch.py."""
