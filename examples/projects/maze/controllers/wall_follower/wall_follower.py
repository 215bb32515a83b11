"""Keeps its left hand on the wall until it is at the goal. Uses Webots' interface."""
from controller import Robot

NEAR = 0.14  # metres from the sensor to the wall on the left

robot = Robot()
step = int(robot.getBasicTimeStep())
motors = [robot.getDevice(name) for name in ('left wheel motor', 'right wheel motor')]
left, front = robot.getDevice('left sensor'), robot.getDevice('front sensor')
gps = robot.getDevice('gps')
for motor in motors:
    motor.setPosition(float('inf'))
    motor.setVelocity(0.0)
for sensor in (left, front, gps):
    sensor.enable(step)
goal = [float(word) for word in robot.getCustomData().split()[1:3]]


def drive(left_speed, right_speed):
    for motor, speed in zip(motors, (left_speed, right_speed)):
        motor.setVelocity(speed)


turning = False
while robot.step(step) != -1:
    x, y, _ = gps.getValues()
    if abs(x - goal[0]) < 0.12 and abs(y - goal[1]) < 0.12:
        drive(0, 0)
        print('Out of the maze after %.1f s.' % robot.getTime())
        break
    if front.getValue() < 0.1 or (turning and front.getValue() < 0.25):
        turning = True
        drive(3, -3)
    else:
        turning = False
        curve = max(-3.5, min(3.5, 30 * (left.getValue() - NEAR)))
        drive(5 - curve, 5 + curve)
while robot.step(step) != -1:
    pass
