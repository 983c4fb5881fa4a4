"""What voluptuous is inside Home Assistant."""

from probatio import *
